import keras
import numpy as np
import pytest
from PIL import Image

from latentshot.glico.classify.autoaugment import OPERATIONS, POLICY, AutoAugment, apply_pair


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
    np.testing.assert_array_equal(changed("posterize", image, 0.7), image & 0b11000000)
    moved = changed("translate x", image, 0.9)
    np.testing.assert_array_equal(moved[:, :23], image[:, 9:])
    assert (moved[:, 23:] == 128).all()
    darker, lighter = (changed("brightness", image, magnitude) for magnitude in (0.0, 1.0))
    np.testing.assert_allclose(darker, 0.1 * image, atol=1)
    np.testing.assert_allclose(lighter, np.minimum(1.9 * image, 255), atol=1)


@pytest.mark.parametrize(
    ("name", "magnitude"),
    [("color", 0.5), ("contrast", 0.5), ("brightness", 0.5), ("sharpness", 0.5), ("shear y", 0), ("rotate", 0)],
)
def test_the_middle_of_an_enhancement_and_no_movement_are_no_change(name, magnitude, image):
    np.testing.assert_allclose(changed(name, image, magnitude), image, atol=1)


def test_the_rate_is_the_share_of_images_that_are_changed():
    images = np.random.default_rng(0).random((400, 8, 8, 3), dtype=np.float32)
    always, half = (np.asarray(AutoAugment(rate, seed=1)(images)) for rate in (1.0, 0.5))
    shares = [(np.abs(augmented - images).max(axis=(1, 2, 3)) > 1 / 255).mean() for augmented in (always, half)]
    assert shares[1] == pytest.approx(shares[0] / 2, abs=0.08)


@pytest.mark.parametrize("channels", [1, 3])
def test_images_keep_their_shape_and_range_and_most_change(channels):
    images = np.random.default_rng(0).random((50, 16, 12, channels), dtype=np.float32)
    augmented = np.asarray(AutoAugment(seed=1)(images))
    assert augmented.shape == images.shape
    assert 0 <= augmented.min() <= augmented.max() <= 1
    differ = np.abs(augmented - images).max(axis=(1, 2, 3)) > 1 / 255
    assert 20 < differ.sum() < 50  # some operations are not chosen, and grey images have no colour to change
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
