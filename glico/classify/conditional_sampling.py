"""New images by a generator that is told the class, in the places of those that `LatentSampler` makes."""

from __future__ import annotations

import keras
import numpy as np
import tensorflow as tf


class ConditionalSampler:
    """Replaces images by new ones of their class.

    model: of `n_classes`; its `generate(labels (b,), seed (2,))` makes images (b, height, width, channels) in [0, 1].
    labels: of the training images, (n,).
    """

    def __init__(self, model: keras.Model, labels: np.ndarray):
        self.model, self.labels = model, tf.constant(labels, tf.int32)

    def of_classes(self, labels: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
        """New images (b, height, width, channels) of the classes (b,), from the seed (2,) alone.

        Raises tf.errors.InvalidArgumentError for a class that there is not.
        """
        in_range = [tf.debugging.assert_non_negative(labels), tf.debugging.assert_less(labels, self.model.n_classes)]
        with tf.control_dependencies(in_range):
            return self.model.generate(tf.identity(labels), seed)

    def __call__(self, indices: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
        """New images (b, height, width, channels) in place of the images (b,), from the seed (2,) alone."""
        return self.of_classes(tf.gather(self.labels, indices), seed)
