"""Batch normalization by TensorFlow's fused operation, whose second derivatives are right, as MAML needs them.

Keras's layer computes with many small operations, and `tf.nn.moments`, which it uses, takes the mean within the
variance for a constant. That leaves the first derivative as it is, for the missing term sums to zero, but not the
second: meta-gradients come out wrong, of the wrong sign even (tests/test_learners.py holds them against finite
differences).
"""

from __future__ import annotations

from typing import Any

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
        return tf.cast(_normalized(x, scale, shift, self.epsilon), self.compute_dtype)  # (n, h, w, c)

    def _moments(self, inputs: tf.Tensor, mask: None) -> tuple[tf.Tensor, tf.Tensor]:
        """Mean and variance over all axes but the last, each (channels,)."""
        if self.synchronized:
            return super()._moments(inputs, mask)
        axes = list(range(len(inputs.shape) - 1))
        mean = tf.reduce_mean(inputs, axes)
        return mean, tf.reduce_mean(tf.math.squared_difference(inputs, mean), axes)


AXES = (0, 1, 2)


def _normalized(x: tf.Tensor, scale: tf.Tensor, shift: tf.Tensor, epsilon: float) -> tf.Tensor:
    """The fused operation, with a second derivative that passes over the maps fewer times than TensorFlow's."""

    @tf.custom_gradient
    def normalized(x: tf.Tensor, scale: tf.Tensor, shift: tf.Tensor):
        fused = tf.raw_ops.FusedBatchNormV3(x=x, scale=scale, offset=shift, mean=[], variance=[], epsilon=epsilon)

        def derivative(upstream: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
            return _derivative(upstream, x, scale, fused, epsilon)

        return fused.y, derivative

    return normalized(x, scale, shift)


def _derivative(
    upstream: tf.Tensor, x: tf.Tensor, scale: tf.Tensor, fused: Any, epsilon: float
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """Gradients by x (n, h, w, c), scale and shift (c,), differentiable in upstream, x and scale.

    With d = upstream, h the normalized x, s = scale / deviation and <> means over a channel's n places, they are
    s (d - <d> - h <d h>), n <d h> and n <d>. The derivative of their product with u, v and w is by the chain rule,
    where h and the deviation are functions of x:
    by d: s (u - <u> - h <u h>) + v h + w; by scale: n cov / deviation, with cov = <u d> - <u><d> - <u h><d h>;
    by x: (g - <g> - h <g h> - s cov h) / deviation, with g = v d - s (u <d h> + d <u h>).
    """

    @tf.custom_gradient
    def derivative(upstream: tf.Tensor, x: tf.Tensor, scale: tf.Tensor):
        by_x, by_scale, by_shift, *_ = tf.raw_ops.FusedBatchNormGradV3(
            y_backprop=upstream,
            x=x,
            scale=scale,
            reserve_space_1=fused.reserve_space_1,
            reserve_space_2=fused.reserve_space_2,
            reserve_space_3=fused.reserve_space_3,
            epsilon=epsilon,
        )

        def second(u: tf.Tensor, v: tf.Tensor, w: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
            n = tf.cast(tf.size(x) / tf.size(scale), x.dtype)
            variance = fused.batch_variance * tf.maximum(n - 1.0, 1.0) / n  # the operation's is that of a sample
            inverse = tf.math.rsqrt(variance + epsilon)
            s, centred = scale * inverse, x - fused.batch_mean
            mean_d, mean_dh, mean_u = by_shift / n, by_scale / n, tf.reduce_mean(u, AXES)
            mean_uh = inverse * tf.reduce_mean(u * centred, AXES)
            cov = tf.reduce_mean(u * upstream, AXES) - mean_u * mean_d - mean_uh * mean_dh
            # g = of_d d + of_u u
            of_d, of_u = v - s * mean_uh, -s * mean_dh
            mean_g = of_d * mean_d + of_u * mean_u
            mean_gh = of_d * mean_dh + of_u * mean_uh
            by_d = s * u + (inverse * of_d) * centred + (w - s * mean_u)
            of_centred = -inverse * inverse * (mean_gh + s * cov)
            by_x = (
                tf.add_n([(inverse * of_d) * upstream, (inverse * of_u) * u, of_centred * centred]) - inverse * mean_g
            )
            return by_d, by_x, n * inverse * cov

        return (by_x, by_scale, by_shift), second

    return derivative(upstream, x, scale)
