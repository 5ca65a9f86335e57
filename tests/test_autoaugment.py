import keras
import numpy as np
import pytest
from PIL import Image

from latentshot.glico.autoaugment import OPERATIONS, POLICY, AutoAugment, apply_pair


@pytest.fixture
def image():
    return np.random.default_rng(0).integers(0, 256, (32, 32, 3), dtype=np.uint8)


def changed(name, image, magnitude=1.0, sign=1):
    return np.asarray(OPERATIONS[name](Image.fromarray(image), magnitude, sign))


def test_the_policy_has_25_pairs_of_known_operations():
    assert len(POLICY) == 25
    for pair in POLICY:
        for name, probability, magnitude in pair:
            assert name in OPERATIONS
            assert 0 <= probability <= 1
            assert magnitude in range(10)


def test_the_operations_do_what_they_are_called(image):
    np.testing.assert_array_equal(changed("invert", image), 255 - image)
    np.testing.assert_array_equal(changed("solarize", image, 0.5), np.where(image < 128, image, 255 - image))
    np.testing.assert_array_equal(changed("posterize", image, 1.0), image & 0b11110000)
    moved = changed("translate x", image, 1.0)  # 150/331 of 32 pixels
    np.testing.assert_array_equal(moved[:, :17], image[:, 15:])
    assert (moved[:, 18:] == 128).all()
    darker, lighter = (changed("brightness", image, 1.0, sign) for sign in (-1, 1))
    np.testing.assert_allclose(darker, 0.1 * image, atol=1)
    np.testing.assert_allclose(lighter, np.minimum(1.9 * image, 255), atol=1)


@pytest.mark.parametrize("name", ["color", "contrast", "brightness", "sharpness", "shear y", "rotate", "translate y"])
def test_no_magnitude_is_no_change(name, image):
    np.testing.assert_array_equal(changed(name, image, 0.0), image)


@pytest.mark.parametrize("channels", [1, 3])
def test_images_keep_their_shape_and_range_and_most_change(channels):
    images = np.random.default_rng(0).random((50, 16, 12, channels), dtype=np.float32)
    augmented = np.asarray(AutoAugment(seed=1)(images))
    assert augmented.shape == images.shape
    assert 0 <= augmented.min() <= augmented.max() <= 1
    differ = np.abs(augmented - images).max(axis=(1, 2, 3)) > 1 / 255
    assert 25 < differ.sum() < 50
    np.testing.assert_array_equal(AutoAugment(seed=1)(images, training=False), images)


def test_a_seed_repeats_its_draws_and_goes_on_with_others(image):
    images = np.stack([image] * 20) / np.float32(255)
    layer = AutoAugment(seed=1)
    first, second = np.asarray(layer(images)), np.asarray(layer(images))
    assert (first != second).any()
    again = AutoAugment(seed=1)
    np.testing.assert_array_equal(again(images), first)
    np.testing.assert_array_equal(again(images), second)
    assert any(isinstance(v, keras.Variable) for v in layer.variables)  # what a checkpoint keeps


def test_an_operation_is_applied_with_its_probability(image):
    rng = np.random.default_rng(0)
    pair = (("invert", 0.3, 0), ("posterize", 0.0, 9))
    inverted = [np.array_equal(apply_pair(image, pair, rng), 255 - image) for _ in range(1000)]
    assert np.mean(inverted) == pytest.approx(0.3, abs=0.05)
