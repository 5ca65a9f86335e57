"""Batch normalization by TensorFlow's fused operation, whose second derivatives are right, as MAML needs them.

Keras's layer computes with many small operations, and `tf.nn.moments`, which it uses, takes the mean within the
variance for a constant. That leaves the first derivative as it is, for the missing term sums to zero, but not the
second: meta-gradients come out wrong, of the wrong sign even (tests/test_learners.py holds them against finite
differences).
"""

from __future__ import annotations

import keras
import tensorflow as tf

if not hasattr(keras.layers.BatchNormalization, "_moments"):
    raise ImportError(f"Keras {keras.__version__} computes moments elsewhere: models/batch_norm.py must follow it")


@keras.saving.register_keras_serializable("latentshot")
class BatchNormalization(keras.layers.BatchNormalization):
    """`keras.layers.BatchNormalization` of the last axis: the same numbers, sooner, and twice differentiable.

    The fused operation is for batches of maps (n, height, width, channels) on one device, in float32 and below.
    Everything else goes through Keras's own.
    """

    def call(self, inputs: tf.Tensor, training: bool = False, mask: None = None) -> tf.Tensor:
        if (
            not training
            or not self.trainable
            or self.synchronized
            or inputs.dtype == tf.float64
            or inputs.shape.rank != 4
        ):
            return super().call(inputs, training=training, mask=mask)
        x = tf.cast(inputs, tf.float32)  # (n, h, w, c)
        for moving, moment in zip((self.moving_mean, self.moving_variance), self._moments(x, mask), strict=True):
            moving.assign(self.momentum * moving + (1.0 - self.momentum) * moment)
        scale, shift = tf.cast(self.gamma, tf.float32), tf.cast(self.beta, tf.float32)
        y, *_ = tf.compat.v1.nn.fused_batch_norm(x, scale, shift, epsilon=self.epsilon)  # (n, h, w, c)
        return tf.cast(y, self.compute_dtype)

    def _moments(self, inputs: tf.Tensor, mask: None) -> tuple[tf.Tensor, tf.Tensor]:
        """Mean and variance over all axes but the last, each (channels,)."""
        if self.synchronized:
            return super()._moments(inputs, mask)
        axes = list(range(len(inputs.shape) - 1))
        mean = tf.reduce_mean(inputs, axes)
        return mean, tf.reduce_mean(tf.math.squared_difference(inputs, mean), axes)
