"""Networks: generators, encoders, feature extractors and classifiers, built as Keras models.

One file a network; `generator.py` says what a generator is, `classifiers.py` has the classifiers by name.
Imports `training` alone: networks know nothing of commands and datasets.
"""
