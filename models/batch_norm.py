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
    """`keras.layers.BatchNormalization` over the last axis: the same numbers, faster, and twice differentiable.

    Batches of maps (n, height, width, channels) on one device, with scale and shift and in at most float32, are the
    fused operation's; all else goes through Keras's own.
    Raises ValueError for another axis than the last.
    """

    def __init__(self, axis: int = -1, **kwargs):
        if axis != -1:
            raise ValueError(f"axis is {axis}, and it is the last, -1, that is normalized: images are channels last")
        super().__init__(axis=axis, **kwargs)

    def call(self, inputs: tf.Tensor, training: bool = False, mask: None = None) -> tf.Tensor:
        if not (training and self._is_fused(inputs)):
            return super().call(inputs, training=training, mask=mask)
        x = tf.cast(inputs, tf.float32)  # (n, h, w, c)
        scale, shift = tf.cast(self.gamma, tf.float32), tf.cast(self.beta, tf.float32)
        y, mean, variance = tf.compat.v1.nn.fused_batch_norm(x, scale, shift, epsilon=self.epsilon)  # (n, h, w, c)
        if self.momentum:
            n = tf.cast(tf.size(x) // tf.size(mean), tf.float32)
            moments = mean, variance * (n - 1.0) / n  # the operation's is of a sample
        else:  # for MAML's `batch_norm="support"`, where they must be differentiable
            moments = self._moments(x, mask)
        for moving, moment in zip((self.moving_mean, self.moving_variance), moments, strict=True):
            average = self.momentum * tf.cast(moving, tf.float32) + (1.0 - self.momentum) * moment
            moving.assign(tf.cast(average, moving.dtype))
        return tf.cast(y, self.compute_dtype)

    def _is_fused(self, inputs: tf.Tensor) -> bool:
        whole = self.trainable and self.scale and self.center and not self.renorm and not self.synchronized
        return whole and inputs.shape.rank == 4 and inputs.dtype != tf.float64

    def _moments(self, inputs: tf.Tensor, mask: None) -> tuple[tf.Tensor, tf.Tensor]:
        """Mean and variance over all axes but the last, each (channels,)."""
        if self.synchronized:
            return super()._moments(inputs, mask)
        axes = list(range(len(inputs.shape) - 1))
        mean = tf.reduce_mean(inputs, axes)
        return mean, tf.reduce_mean(tf.math.squared_difference(inputs, mean), axes)
