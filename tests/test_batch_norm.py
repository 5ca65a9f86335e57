import keras
import numpy as np
import pytest
import tensorflow as tf

from latentshot.models.batch_norm import BatchNormalization
from latentshot.training.moving_statistics import recompute_moving_statistics


def test_fused_normalization_has_the_values_and_two_derivatives_of_the_formula():
    rng = np.random.default_rng(0)
    x, upstream = (rng.normal(1.0, 2.0, (6, 5, 4, 3)) for _ in range(2))
    scale_and_shift = rng.normal(1.0, 0.3, (2, 3))
    directions = [rng.normal(size=shape) for shape in (x.shape, 3, 3)]

    def derivatives(dtype):
        layer = BatchNormalization(momentum=0.7, dtype=dtype)
        layer.build(x.shape)
        layer.set_weights([*scale_and_shift, np.zeros(3), np.ones(3)])
        at = tf.constant(x, dtype)
        with tf.GradientTape() as outer:
            outer.watch(at)
            with tf.GradientTape() as inner:
                inner.watch(at)
                y = layer(at, training=True)
                total = tf.reduce_sum(tf.constant(upstream, dtype) * tf.sin(y))
            first = inner.gradient(total, [at, *layer.trainable_variables])
            product = tf.add_n(
                [tf.reduce_sum(f * tf.constant(d, dtype)) for f, d in zip(first, directions, strict=True)]
            )
        second = outer.gradient(product, [at, *layer.trainable_variables])
        return y, *first, *second, layer.moving_mean, layer.moving_variance

    for fused, formula in zip(derivatives("float32"), derivatives("float64"), strict=True):
        np.testing.assert_allclose(fused, formula, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("options", [{"scale": False}, {"center": False}, {"renorm": True}])
def test_what_the_fused_normalization_lacks_is_keras_s(options):
    x = np.random.default_rng(0).normal(1.0, 2.0, (6, 5, 4, 3)).astype("float32")
    ours, keras_s = BatchNormalization(**options), keras.layers.BatchNormalization(**options)
    np.testing.assert_allclose(ours(x, training=True), keras_s(x, training=True), rtol=1e-4, atol=1e-5)
    for here, there in zip(ours.get_weights(), keras_s.get_weights(), strict=True):
        np.testing.assert_allclose(here, there, rtol=1e-4, atol=1e-5)


def test_only_the_last_axis_is_normalized():
    with pytest.raises(ValueError, match="axis is 1, and it is the last"):
        BatchNormalization(axis=1)


def test_statistics_are_means_over_batches_in_a_network_inside_of_another_too():
    images = keras.Input((4, 4, 2))
    inner = keras.Model(images, BatchNormalization(momentum=0.0)(images))
    network = keras.Sequential([keras.Input((4, 4, 2)), keras.layers.Rescaling(2.0), inner])
    batches = [tf.random.stateless_normal((8, 4, 4, 2), (0, n)) + float(n) for n in range(5)]
    recompute_moving_statistics(network.layers, lambda batch, number: network(batch, training=True), batches)
    means, variances = zip(*(tf.nn.moments(2.0 * batch, (0, 1, 2)) for batch in batches), strict=True)
    np.testing.assert_allclose(inner.layers[-1].moving_mean, np.mean(means, axis=0), rtol=1e-5)
    np.testing.assert_allclose(inner.layers[-1].moving_variance, np.mean(variances, axis=0), rtol=1e-5)
    assert inner.layers[-1].momentum == 0.0
