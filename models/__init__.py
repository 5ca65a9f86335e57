"""Networks: generators, encoders, feature extractors and classifiers, built as Keras models.

One file a network.
Imports `training` alone: networks know nothing of commands and datasets.
"""
