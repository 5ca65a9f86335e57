"""The latent codes: one trainable unit vector for each image (Azuri and Weinshall 2020, section III-B, equation 2)."""

from __future__ import annotations

import keras
import numpy as np
import tensorflow as tf


class Codes(keras.layers.Layer):
    """A table of codes on the unit sphere with an Adam of its own, which touches the rows of a batch and no other.

    Keras's optimizers update a whole table for the gradient of a few rows. Here first and second moments and the count
    of steps are kept for each row, so a step costs the same whatever the number of codes.

    initial: (n, d), float32; rows are scaled to length 1. ValueError for a row of zeros, or not finite.
    learning_rate, beta_1, beta_2, epsilon: Adam's (Kingma and Ba 2015, https://arxiv.org/abs/1412.6980, algorithm 1).
    """

    def __init__(
        self,
        initial: np.ndarray,
        learning_rate: float = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        **kwargs,
    ):
        super().__init__(dtype="float32", **kwargs)  # in mixed precision too, because a step changes them by little
        self.learning_rate, self.beta_1, self.beta_2, self.epsilon = learning_rate, beta_1, beta_2, epsilon
        lengths = np.linalg.norm(initial, axis=1, keepdims=True)
        if not np.isfinite(lengths).all():
            raise ValueError(f"code {int(np.argmin(np.isfinite(lengths)))} is not finite")
        if not (lengths > 0).all():
            raise ValueError(f"code {int(np.argmin(lengths))} is the zero vector: it has no place on the unit sphere")
        n, d = initial.shape
        self.table = self._weight("table", (n, d))
        self.table.assign(initial / lengths)
        self.first_moments, self.second_moments = self._weight("first_moments", (n, d)), self._weight("second", (n, d))
        self.steps = self._weight("steps", (n,))
        self.built = True

    def _weight(self, name: str, shape: tuple[int, ...]) -> keras.Variable:
        return self.add_weight(
            name=name,
            shape=shape,
            initializer="zeros",
            trainable=False,
            aggregation="only_first_replica",  # each of several devices makes the update of the whole batch
        )

    def call(self, indices: tf.Tensor) -> tf.Tensor:
        """The codes (b, d) of the images (b,)."""
        return tf.gather(self.table.value, indices)

    def update(self, indices: tf.Tensor, gradients: tf.Tensor, taken: tf.Tensor | None = None) -> None:
        """One step of Adam on the rows (b,), none twice, with gradients (b, d); then back to the unit sphere.

        taken: bool, scalar: whether the step is made, None always. A mask, for XLA cuts no batch to a size it computes.
        """
        steps = tf.gather(self.steps.value, indices) + 1.0  # (b,)
        first = self._moving(self.first_moments, indices, gradients, self.beta_1)  # (b, d)
        second = self._moving(self.second_moments, indices, tf.square(gradients), self.beta_2)
        unbiased_first = first / (1.0 - self.beta_1**steps)[:, None]
        unbiased_second = second / (1.0 - self.beta_2**steps)[:, None]
        moved = self(indices) - self.learning_rate * unbiased_first / (tf.sqrt(unbiased_second) + self.epsilon)
        weights = (self.table, self.first_moments, self.second_moments, self.steps)
        for weight, rows in zip(weights, (tf.math.l2_normalize(moved, axis=1), first, second, steps), strict=True):
            kept = rows if taken is None else tf.where(taken, rows, tf.gather(weight.value, indices))
            weight.value.scatter_update(tf.IndexedSlices(kept, indices))

    def _moving(self, average: keras.Variable, indices: tf.Tensor, values: tf.Tensor, beta: float) -> tf.Tensor:
        return beta * tf.gather(average.value, indices) + (1.0 - beta) * values
