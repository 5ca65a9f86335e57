"""The perceptual loss on ImageNet's VGG-16, of which ../shared has the first two blocks."""

import numpy as np
import pytest
import tensorflow as tf
from conftest import SHARED

from latentshot.glico.latent.perceptual import PerceptualLoss
from latentshot.glico.latent.targets import TargetCache
from latentshot.models.vgg import vgg_features

WEIGHTS = SHARED / "weights" / "vgg16_blocks1-2.weights.h5"
MEANS = np.array([103.939, 116.779, 123.68])  # ImageNet's, BGR
LAMBDA = (0.003, 0.001)

pytestmark = pytest.mark.skipif(not WEIGHTS.exists(), reason="VGG-16's weights (../shared/weights) are not here")


@pytest.fixture(scope="module")
def features():
    return vgg_features((32, 32, 3), ("block1_conv2", "block2_conv2"), WEIGHTS)


@pytest.fixture
def images():
    """Five images of 16 patches each, uint8."""
    patches = np.random.default_rng(0).integers(0, 256, (5, 4, 4, 3), dtype=np.uint8)
    return patches.repeat(8, axis=1).repeat(8, axis=2)


def taps_in_float64(features, images):
    """conv1_2 and conv2_2 of images (n, 32, 32, 3) in [0, 1], one convolution after the other."""
    x, taps = tf.constant(255.0 * images[..., ::-1].astype(np.float64) - MEANS), []
    kernels_and_biases = [weight.astype(np.float64) for weight in features.get_weights()]
    for number in range(4):
        kernel, bias = kernels_and_biases[2 * number : 2 * number + 2]
        x = tf.nn.relu(tf.nn.conv2d(x, kernel, 1, "SAME") + bias)
        if number % 2:
            taps.append(x.numpy())
            x = tf.nn.max_pool2d(x, 2, 2, "VALID")
    return taps


def test_it_equals_equation_1_in_float64(features, images):
    loss = PerceptualLoss(features, LAMBDA, pixel_weight=1.0)
    real, generated = images[:3] / 255.0, np.random.default_rng(1).random((3, 32, 32, 3))
    expected = np.abs(real - generated).mean(axis=(1, 2, 3))
    for weight, a, b in zip(LAMBDA, taps_in_float64(features, real), taps_in_float64(features, generated), strict=True):
        expected += weight * np.abs(a - b).mean(axis=(1, 2, 3))
    ours = loss(tf.constant(generated, tf.float32), loss.targets(tf.constant(real, tf.float32)))
    np.testing.assert_allclose(ours, expected, rtol=1e-5)


@pytest.mark.parametrize(("half", "tolerance"), [(False, 1e-6), (True, 1e-3)])  # float16 has eleven binary digits
def test_kept_features_equal_fresh_ones(features, images, half, tolerance):
    loss = PerceptualLoss(features, LAMBDA, pixel_weight=1.0)
    numbers = sum(target.numpy().size for target in loss.targets(tf.constant(images / 255.0, tf.float32)))
    cache = TargetCache(loss, images, memory=(3 if half else 4) * numbers)
    assert cache.dtype == (tf.float16 if half else tf.float32)
    chosen = [4, 0, 2]
    fresh = loss.targets(tf.constant(images[chosen] / 255.0, tf.float32))
    for ours, expected in zip(cache(tf.constant(chosen)), fresh, strict=True):
        np.testing.assert_allclose(ours, expected, rtol=tolerance, atol=tolerance * float(tf.reduce_max(expected)))
