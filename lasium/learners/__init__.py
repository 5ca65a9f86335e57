"""Few-shot learners as Keras models: `compile`, `fit`, `evaluate` and `export` on batches of tasks.

One file a method; `learner.py` is what they have in common.
Imports `training` alone, and gets networks as arguments; learners do not know where their tasks come from.
"""
