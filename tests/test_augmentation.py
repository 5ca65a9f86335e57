"""Augmentations of a classifier's images: what each changes, and which a row of the table has."""

import dataclasses
import re

import keras
import numpy as np
import pytest

from latentshot.glico.classify.augmentation import cutout, random_erasing, standard_augmentation
from latentshot.glico.experiment.build_classifier import augmentation

SHAPE = (32, 32, 3)


@pytest.fixture
def images():
    return np.random.default_rng(0).uniform(0.1, 1.0, (64, *SHAPE)).astype(np.float32)


def test_the_standard_augmentation_flips_half_and_moves_each_by_whole_pixels(images):
    augmented = np.asarray(standard_augmentation(SHAPE)(images, training=True))
    seen = set()
    for before, after in zip(images, augmented, strict=True):
        seen.add(found(before, after))
    flips = sum(flip for flip, _, _ in seen)
    assert 10 < flips < 54
    assert len({(dy, dx) for _, dy, dx in seen}) > 30  # 81 places there are
    assert max(abs(d) for _, dy, dx in seen for d in (dy, dx)) == 4


def found(before, after):
    """(flipped, dy, dx) that make one image the other; an error where none does."""
    for flip in (False, True):
        image = np.pad(before[:, ::-1] if flip else before, ((4, 4), (4, 4), (0, 0)))
        for dy in range(-4, 5):
            for dx in range(-4, 5):
                if np.array_equal(image[4 - dy : 36 - dy, 4 - dx : 36 - dx], after):
                    return flip, dy, dx
    raise AssertionError("no flip and shift gives this image")


def test_letters_are_not_flipped(images):
    augmented = np.asarray(standard_augmentation(SHAPE, flip=False)(images, training=True))
    assert not any(found(*pair)[0] for pair in zip(images, augmented, strict=True))


def test_cutout_zeroes_a_square_of_half_the_side_that_may_leave_the_image(images):
    erased = (np.asarray(cutout(SHAPE)(images, training=True)) == 0).all(axis=-1)
    areas = erased.sum(axis=(1, 2))
    assert areas.max() == 16 * 16
    assert 8 * 8 <= areas.min() < 16 * 16  # its centre is in the image
    for square in erased:
        rows, columns = np.flatnonzero(square.any(axis=1)), np.flatnonzero(square.any(axis=0))
        assert square[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].all()
    assert len({square.tobytes() for square in erased}) > 50


def test_random_erasing_leaves_about_half_of_the_images_alone(images):
    changed = (np.asarray(random_erasing()(images, training=True)) != images).any(axis=-1)
    touched = changed.any(axis=(1, 2))
    assert 16 < touched.sum() < 48
    assert changed[touched].mean(axis=(1, 2)).max() < 0.4


def test_cutout_fills_the_share_of_images_that_it_is_for_with_the_mean_colour(images):
    fill = (0.25, 0.5, 0.75)
    after = np.asarray(cutout(SHAPE, fill, rate=0.5)(images, training=True))
    changed = (after != images).any(axis=-1)
    assert 16 < changed.any(axis=(1, 2)).sum() < 48
    np.testing.assert_array_equal(after[changed], np.tile(np.array(fill, np.float32), (changed.sum(), 1)))


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("baseline", ["standard_augmentation"]),
        ("glico+cutout", ["standard_augmentation", "cutout"]),
        ("random-erasing+autoaugment", ["standard_augmentation", "auto_augment", "random_erasing"]),
        ("mixup+cutout+random-erasing", ["standard_augmentation", "cutout", "random_erasing"]),
    ],
)
def test_a_row_has_the_augmentations_of_its_name_each_for_half_of_the_images(blobs, row, expected):
    pixels = np.full((2, 8, 8, 1), 51, np.uint8)
    layers = augmentation(row.split("+"), blobs, pixels, seed=0).layers
    assert [re.sub(r"_\d+$", "", layer.name) for layer in layers] == expected
    for layer in layers[1:]:
        assert layer.get_config().get("rate", 0.5) == 0.5
        if layer.name.startswith("cutout"):
            assert layer.fill == pytest.approx([0.2])
        if layer.name.startswith("random_erasing"):
            assert tuple(layer.factor) == (0.5, 0.5)


def test_images_with_a_crop_are_moved_as_far_as_their_borders_allow(blobs):
    image = np.arange(1, 65, dtype=np.uint8).reshape(8, 8, 1)
    dataset = dataclasses.replace(blobs, crop=4, mirrored=False)
    layer = augmentation(["baseline"], dataset, image[None], seed=0)
    moved = np.asarray(layer(np.stack([image / np.float32(255.0)] * 500), training=True))
    found = {(255 * crop).round().astype(np.uint8).tobytes() for crop in moved[:, 2:6, 2:6]}
    places = [slice(start, start + 4) for start in range(5)]
    assert found == {image[rows, columns].tobytes() for rows in places for columns in places}


@pytest.mark.parametrize("layer", [cutout(SHAPE), random_erasing(), standard_augmentation(SHAPE)])
def test_nothing_is_changed_outside_training(images, layer):
    np.testing.assert_array_equal(layer(images, training=False), images)


def test_the_draws_go_on_where_a_saved_state_left_them(images):
    first, second = cutout(SHAPE), cutout(SHAPE)
    first(images, training=True)
    second.seeds.state.assign(first.seeds.state)
    np.testing.assert_array_equal(first(images, training=True), second(images, training=True))
    assert keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(first)).side == 16
