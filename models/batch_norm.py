"""Batch normalization whose second derivatives are right, as MAML needs them.

`tf.nn.moments`, which Keras's layer uses, takes the mean within the variance for a constant. That leaves the first
derivative as it is, for the missing term sums to zero, but not the second: meta-gradients come out wrong, of the wrong
sign even (tests/test_learners.py holds them against finite differences).
"""

from __future__ import annotations

import keras
import tensorflow as tf

if not hasattr(keras.layers.BatchNormalization, "_moments"):
    raise ImportError(f"Keras {keras.__version__} computes moments elsewhere: models/batch_norm.py must follow it")


@keras.saving.register_keras_serializable("latentshot")
class BatchNormalization(keras.layers.BatchNormalization):
    """`keras.layers.BatchNormalization`, the variance of a batch being a function of its mean too."""

    def _moments(self, inputs: tf.Tensor, mask: None) -> tuple[tf.Tensor, tf.Tensor]:
        """Mean and variance over all axes but the last, each (channels,)."""
        axes = list(range(len(inputs.shape) - 1))
        mean = tf.reduce_mean(inputs, axes)
        return mean, tf.reduce_mean(tf.math.squared_difference(inputs, mean), axes)
