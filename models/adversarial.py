"""What models with two networks against each other share: the second one's optimizer, and their losses."""

from __future__ import annotations

import keras
import tensorflow as tf


def scaled_as(first: keras.Optimizer, second: keras.Optimizer) -> keras.Optimizer:
    """The second optimizer, scaling losses if the first does: in float16 Keras has only that of `compile` do so."""
    scaled, already = (isinstance(each, keras.optimizers.LossScaleOptimizer) for each in (first, second))
    return keras.optimizers.LossScaleOptimizer(second) if scaled and not already else second


def adversarial_cross_entropy(logits: tf.Tensor, real: bool) -> tf.Tensor:
    """The mean cross-entropy in nats of calling images real, or fake; logits: (n, 1), above 0 for real."""
    targets = tf.ones_like(logits) if real else tf.zeros_like(logits)
    return tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(labels=targets, logits=logits))
