"""Reconstruction losses against their equations: of features of a network, and of a Laplacian pyramid."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from latentshot.glico.latent.laplacian import LaplacianLoss, pyramid
from latentshot.glico.latent.perceptual import PerceptualLoss, relative_weights
from latentshot.glico.latent.targets import TargetCache


def test_taps_count_by_their_share_of_the_mean_activation():
    """A tap ten times as large as another has a tenth of its weight: lambda_j is over the mean activation."""
    keras.utils.set_random_seed(0)
    inputs = keras.Input((8, 8, 3))
    tap = keras.layers.Conv2D(4, 3, activation="relu")(inputs)
    images = np.random.default_rng(0).integers(0, 256, (6, 8, 8, 3), np.uint8)
    features = keras.Model(inputs, [tap, keras.layers.Rescaling(10.0)(tap)])
    weights = relative_weights(features, images, [0.2, 0.8])
    mean = features.predict(images / np.float32(255.0), verbose=0)[0].mean()
    np.testing.assert_allclose(weights, [0.2 / mean, 0.8 / (10 * mean)], rtol=1e-5)


@pytest.mark.parametrize("n", [99, 100, 150, 199, 250])
def test_taps_are_weighed_on_all_classes_of_a_sample(n):
    inputs = keras.Input((2, 2, 3))
    images = np.zeros((n, 2, 2, 3), np.uint8)
    images[n // 2 :] = 255  # the second class
    (weight,) = relative_weights(keras.Model(inputs, [keras.layers.Identity()(inputs)]), images)
    assert 1 / weight == pytest.approx(0.5, abs=0.011)


def test_the_perceptual_loss_equals_equation_1():
    keras.utils.set_random_seed(0)
    images = keras.Input((8, 8, 3))
    first = keras.layers.Conv2D(4, 3, activation="relu")(images)
    second = keras.layers.Conv2D(5, 3, strides=2)(first)
    features = keras.Model(images, [first, second])
    a, b = np.random.default_rng(0).random((2, 3, 8, 8, 3), dtype=np.float32)
    loss = PerceptualLoss(features, weights=[0.3, 0.7], pixel_weight=0.1)
    expected = 0.1 * np.abs(a - b).mean(axis=(1, 2, 3))
    for weight, ours, theirs in zip([0.3, 0.7], features.predict(a), features.predict(b), strict=True):
        expected += weight * np.abs(ours - theirs).mean(axis=(1, 2, 3))
    np.testing.assert_allclose(loss(tf.constant(a), loss.targets(tf.constant(b))), expected, rtol=1e-5)


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_in_mixed_precision_the_perceptual_loss_is_float32(policy):
    keras.config.set_dtype_policy(policy)
    try:
        inputs = keras.Input((8, 8, 3))
        loss = PerceptualLoss(keras.Model(inputs, [keras.layers.Conv2D(4, 3)(inputs)]), pixel_weight=0.1)
        a = tf.random.stateless_uniform((2, 8, 8, 3), (0, 0))
        assert loss(a, loss.targets(a[::-1])).dtype == tf.float32
    finally:
        keras.config.set_dtype_policy("float32")


def test_the_weights_of_the_perceptual_loss_are_checked():
    images = keras.Input((8, 8, 3))
    features = keras.Model(images, [keras.layers.Conv2D(4, 3)(images)])
    with pytest.raises(ValueError, match="2 weights were given for 1 taps"):
        PerceptualLoss(features, [0.5, 0.5])
    with pytest.raises(ValueError, match="must be 0 or more, not -1"):
        PerceptualLoss(features, [-1.0])


@pytest.mark.parametrize("side", [28, 30, 33])
def test_a_laplacian_pyramid_gives_the_image_back(side):
    image = tf.random.stateless_uniform((2, side, side, 3), (0, 0))
    *details, rest = pyramid(image)
    assert min(rest.shape[1:3]) < 8
    for detail in reversed(details):
        rest = detail + tf.image.resize(rest, detail.shape[1:3])
    np.testing.assert_allclose(rest, image, atol=1e-6)


def test_the_laplacian_loss_is_zero_for_equal_images_and_the_difference_of_flat_ones():
    loss, flat = LaplacianLoss(), tf.fill((2, 16, 16, 1), 0.25)
    np.testing.assert_allclose(loss(flat, loss.targets(flat)), 0.0, atol=1e-7)
    # a flat image has no details: all that differs is what is left at last
    np.testing.assert_allclose(loss(flat, loss.targets(flat + 0.5)), 0.5, atol=1e-6)


def halved(images):
    n, height, width, channels = images.shape
    return images.reshape(n, height // 2, 2, width // 2, 2, channels).mean(axis=(2, 4))


def doubled(images, axis):
    """Three quarters of the nearest pixel and a quarter of the next one, along the axis; the border is repeated."""
    before, after = (np.take(images, np.arange(images.shape[axis]) + step, axis, mode="clip") for step in (-1, 1))
    pair = [0.75 * images + 0.25 * before, 0.75 * images + 0.25 * after]
    return np.stack(pair, axis + 1).reshape([-1 if i == axis else size for i, size in enumerate(images.shape)])


@pytest.mark.parametrize("shape", [(32, 32, 3), (24, 16, 1), (8, 8, 1)])
def test_the_laplacian_loss_weighs_each_level_by_four_times_the_one_before(shape):
    images = np.random.default_rng(0).random((2, 5, *shape))
    ours, theirs = (tf.constant(each, tf.float32) for each in images)
    rest, expected, weight = images[0] - images[1], np.zeros(5), 1.0  # every level is linear in the images
    while min(rest.shape[1:3]) >= 8:
        smaller = halved(rest)
        expected += weight * np.abs(rest - doubled(doubled(smaller, 1), 2)).sum(axis=(1, 2, 3))
        rest, weight = smaller, 4.0 * weight
    expected += weight * np.abs(rest).sum(axis=(1, 2, 3))
    loss = LaplacianLoss()
    np.testing.assert_allclose(loss(ours, loss.targets(theirs)), expected / np.prod(shape), rtol=1e-5)


def test_targets_of_more_than_a_thousand_million_numbers_are_not_kept_in_too_little_memory():
    class Wide(LaplacianLoss):
        def targets(self, images):
            return [tf.zeros((len(images), 100_000))]

    cache = TargetCache(Wide(), np.zeros((50_000, 1, 1, 1), np.uint8), memory=1e9)
    assert cache.dtype is None
