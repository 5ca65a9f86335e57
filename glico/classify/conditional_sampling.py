"""New images by a generator that is told the class, in the places of those that `LatentSampler` makes."""

from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf


class ConditionalSampler:
    """Replaces images by new ones of their class.

    model: its `generate(labels (b,), seed (2,))` makes images (b, height, width, channels) in [0, 1].
    labels: of the training images, (n,).
    """

    def __init__(self, model: keras.Model, labels: np.ndarray):
        self.model, self.labels = model, tf.constant(labels, tf.int32)

    @property
    def of_classes(self) -> Callable[[tf.Tensor, tf.Tensor], tf.Tensor]:
        return self.model.generate

    def __call__(self, indices: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
        """New images (b, height, width, channels) in place of the images (b,), from the seed (2,) alone."""
        return self.of_classes(tf.gather(self.labels, indices), seed)
