"""Random maps of the images of tasks (lasium/augmentation) and which images of a task they are applied to."""

import itertools

import keras
import numpy as np
import pytest
import tensorflow as tf

from latentshot.datasets import Split
from latentshot.lasium.augmentation.affine import RandomAffine
from latentshot.lasium.augmentation.crop import CropAndFlip
from latentshot.lasium.augmentation.elastic import ElasticWarp, sample_bilinearly
from latentshot.lasium.augmentation.image_map import Chain, ImageMap
from latentshot.lasium.augmentation.keras_map import KerasMap
from latentshot.lasium.augmentation.named import augmentation
from latentshot.lasium.augmentation.pen_width import PenWidth
from latentshot.lasium.tasks.augmentation import OF_TURNS, TaskAugmentation, turned
from latentshot.lasium.tasks.labelled import LabelledSource
from latentshot.lasium.tasks.stream import TaskShape, task_stream

SEED = tf.constant([3, 4], tf.int64)
COLOURS = KerasMap(keras.layers.RandomColorJitter(value_range=(0, 1), brightness_factor=0.4, hue_factor=0.1))
MAPS: dict[str, ImageMap] = {
    "affine": RandomAffine(2, 0.3, 1.3, 0.2),
    "elastic": ElasticWarp(),
    "pen width": PenWidth(),
    "crop": CropAndFlip(),
    "keras": COLOURS,
    "ink": augmentation("ink"),
    "print": augmentation("print"),
    "photograph": augmentation("photograph"),
}


@pytest.fixture
def images():
    return tf.constant(np.random.default_rng(0).random((6, 12, 12, 3), dtype=np.float32))


@pytest.mark.parametrize("name", MAPS)
def test_a_map_is_a_function_of_its_seed_and_differs_from_image_to_image(images, name):
    image_map = MAPS[name]
    alike = tf.repeat(images[:1], 6, axis=0)
    first, again, other = image_map(alike, SEED), image_map(alike, SEED), image_map(alike, SEED + 1)
    np.testing.assert_array_equal(first, again)
    assert np.abs(first - other).max() > 0.01
    assert np.abs(first[0] - first[1]).max() > 0.01
    assert first.shape == alike.shape
    assert np.min(first) >= 0.0
    assert np.max(first) <= 1.0 + 1e-6


def test_quarter_turns_of_oblong_images_are_told_where_the_stream_is_made():
    split = Split(np.zeros((8, 6, 4, 1), np.uint8), np.repeat(np.arange(2), 4), ("a", "b"))
    shape = TaskShape(2, 1, 1)
    with pytest.raises(ValueError, match="quarter_turns needs square images, and these are 6x4"):
        task_stream(LabelledSource(split, shape), shape, 1, 0, TaskAugmentation(quarter_turns=True))


@pytest.mark.parametrize("name", MAPS)
def test_a_map_draws_in_a_stream_what_it_draws_outside(images, name):
    stream = tf.data.Dataset.range(3).map(lambda number: MAPS[name](images, tf.stack([number, number])))
    for number, inside in enumerate(stream):
        outside = MAPS[name](images, tf.constant([number, number], tf.int64))
        np.testing.assert_allclose(inside, outside, atol=1e-5)


def test_a_shift_is_by_whole_pixels_and_reaches_every_place():
    image = np.zeros((9, 9, 1), np.float32)
    image[4, 4] = 1.0
    shift = RandomAffine(shift=2)
    moved = np.concatenate([shift(tf.constant([image] * 100), tf.constant([0, seed])) for seed in range(4)])
    places = [np.unravel_index(one.argmax(), (9, 9)) for one in moved[..., 0]]
    np.testing.assert_allclose(moved.max(axis=(1, 2, 3)), 1.0, atol=1e-6)
    np.testing.assert_allclose(moved.sum(axis=(1, 2, 3)), 1.0, atol=1e-5)
    assert {(int(row), int(column)) for row, column in places} == set(itertools.product(range(2, 7), repeat=2))


def test_an_affine_map_keeps_the_centre_of_the_image():
    transforms = RandomAffine.of_strength(0, 1.0).draw(50, (9, 7), tf.constant([0, 0])).numpy()
    linear, translation = transforms[:, [0, 1, 3, 4]].reshape(-1, 2, 2), transforms[:, [2, 5]]
    np.testing.assert_allclose(linear @ [3.0, 4.0] + translation, [[3.0, 4.0]] * 50, atol=1e-5)
    assert np.abs(linear - np.eye(2)).max() > 0.2


def test_bilinear_samples_are_those_of_a_loop_over_pixels(images):
    places = np.random.default_rng(1).uniform(-2, 13, (6, 5, 4, 2)).astype(np.float32)

    def pixel(image, row, column):
        inside = 0 <= row < 12 and 0 <= column < 12
        return image[row, column] if inside else np.zeros(3)

    expected = np.zeros((6, 5, 4, 3))
    for i, y, x in np.ndindex(6, 5, 4):
        row, column = places[i, y, x].astype(np.float64)
        top, left = int(np.floor(row)), int(np.floor(column))
        for dy, dx in itertools.product((0, 1), repeat=2):
            weight = (1 - abs(row - top - dy)) * (1 - abs(column - left - dx))
            expected[i, y, x] += weight * pixel(images[i].numpy(), top + dy, left + dx)
    np.testing.assert_allclose(sample_bilinearly(images, tf.constant(places)), expected, atol=1e-5)


def test_an_elastic_warp_moves_pixels_by_about_its_deviation():
    columns = tf.broadcast_to(tf.range(40.0)[None, None, :, None] / 100.0, (200, 40, 40, 1))
    moved = 100.0 * (ElasticWarp(1.5)(columns, SEED) - columns)[:, 8:32, 8:32]  # a ramp shows how far
    assert 0.6 < np.std(moved) < 1.6  # between the grid's points the field is smoother


def test_a_wider_pen_adds_ink_and_a_thinner_one_takes_it_away():
    stroke = np.zeros((200, 9, 9, 1), np.float32)
    stroke[:, 3:6] = 1.0
    ink = np.asarray(PenWidth(1.0)(tf.constant(stroke), SEED)).sum(axis=(1, 2, 3))
    assert ink.min() < 27 - 9
    assert ink.max() > 27 + 9
    assert ink.min() >= 9 - 1e-3  # one row of the three is left at the least
    assert ink.max() <= 45 + 1e-3


def test_a_crop_of_the_whole_area_is_the_image_or_its_mirror(images):
    cropped = CropAndFlip((1.0, 1.0), ratio=1.0)(tf.repeat(images[:1], 50, axis=0), SEED).numpy()
    image = images[0].numpy()
    mirrored = [np.allclose(one, image[:, ::-1], atol=1e-5) for one in cropped]
    kept = [np.allclose(one, image, atol=1e-5) for one in cropped]
    assert all(a != b for a, b in zip(mirrored, kept, strict=True))
    assert 10 < sum(mirrored) < 40


def test_a_chain_gives_each_map_a_seed_of_its_own(images):
    twice = Chain([PenWidth(), PenWidth()])(images, SEED)
    seeds = [tf.random.experimental.stateless_fold_in(SEED, number) for number in (0, 1)]
    np.testing.assert_array_equal(twice, PenWidth()(PenWidth()(images, seeds[0]), seeds[1]))
    assert (seeds[0].numpy() != seeds[1].numpy()).any()


def test_a_class_is_turned_as_a_whole_by_any_multiple_of_90_degrees():
    images = np.random.default_rng(0).random((40, 2, 5, 5, 1), dtype=np.float32)
    found = set()
    for before, after in zip(images, turned(tf.constant(images), SEED).numpy(), strict=True):
        turns = [k for k in range(4) if np.array_equal(np.rot90(before, k, axes=(1, 2)), after)]
        found.update(turns)
        assert len(turns) == 1
    assert found == {0, 1, 2, 3}


def test_supports_and_queries_are_changed_each_by_its_own_map():
    labels = np.repeat(np.arange(12), 10).astype(np.int32)
    images = np.random.default_rng(0).integers(0, 255, (120, 6, 6, 1), np.uint8)
    split, shape = Split(images, labels, tuple("abcdefghijkl")), TaskShape(5, 1, 5)

    def first_task(change):
        return next(iter(task_stream(LabelledSource(split, shape), shape, 1, 3, change)))[0]

    plain = first_task(None)
    for changed, kept in (("support", "query"), ("query", "support")):
        change = TaskAugmentation(support=PenWidth()) if changed == "support" else TaskAugmentation(query=PenWidth())
        task = first_task(change)
        np.testing.assert_array_equal(plain[f"{kept}_images"], task[f"{kept}_images"])
        assert (plain[f"{changed}_images"].numpy() != task[f"{changed}_images"].numpy()).any()


def test_the_turns_the_support_and_every_map_of_the_queries_draw_from_different_seeds():
    drawn = []

    def recorded(images, seed):
        drawn.append(tuple(seed.numpy()))
        return images

    task = tf.zeros((2, 3, 4, 4, 1))
    TaskAugmentation(recorded, Chain([recorded] * 4))(task, 1, SEED)
    drawn.append(tuple(tf.random.experimental.stateless_fold_in(SEED, OF_TURNS).numpy()))
    assert len(set(drawn)) == len(drawn) == 6


def test_grey_photographs_keep_their_one_channel(images):
    assert augmentation("photograph", channels=1)(images[..., :1], SEED).shape == (6, 12, 12, 1)


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_mixed_precision_of_the_network_leaves_the_colours_of_tasks_as_they_are(images, policy):
    expected = augmentation("photograph")(images, SEED)
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        changed = augmentation("photograph")(images, SEED)
    finally:
        keras.config.set_dtype_policy(before)
    assert changed.dtype == tf.float32
    np.testing.assert_array_equal(changed, expected)


class TwoDraws(keras.layers.Layer):
    """Puts what its generator draws first and second beside the channels that are there."""

    def __init__(self):
        super().__init__()
        self.generator = keras.random.SeedGenerator(0)

    def call(self, images, training=True):
        drawn = [keras.random.uniform(keras.ops.shape(images[..., :1]), seed=self.generator) for _ in range(2)]
        return keras.ops.concatenate([images, *drawn], axis=-1)


def test_layers_in_a_row_draw_independently():
    one, two = TwoDraws(), TwoDraws()
    images = tf.zeros((2, 4, 4, 1))
    drawn = KerasMap(keras.Sequential([one, two]))(images, tf.constant([0, 7])).numpy()[..., 1:]  # (2, 4, 4, 4)
    correlations = np.corrcoef(drawn.reshape(-1, 4), rowvar=False)
    assert np.abs(correlations - np.eye(4)).max() < 0.6  # of 32 numbers; equal draws have 1


def test_a_users_own_keras_layer_is_a_map(images):
    flips = KerasMap(keras.layers.RandomFlip("horizontal"))
    assert any((flips(images, SEED + k).numpy() != images.numpy()).any() for k in range(3))
    with pytest.raises(ValueError, match=r"layer 'rescaling.*' has no keras.random.SeedGenerator"):
        KerasMap(keras.layers.Rescaling(2.0))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: RandomAffine(shift=-1), "the shift of images is -1"),
        (lambda: RandomAffine(scale=0.5), "the scale of images is 0.5; it must be 1 or more"),
        (lambda: ElasticWarp(-1.0), "elastic warp of -1 pixels"),
        (lambda: PenWidth(2.0), "share is 2; it must lie in"),
        (lambda: CropAndFlip((0.0, 1.0)), "area is 0 to 1"),
        (lambda: augmentation("audio"), "no augmentation 'audio': choose ink, print or photograph"),  # type: ignore[arg-type]
    ],
)
def test_settings_that_cannot_be_are_errors_with_their_values(make, message):
    with pytest.raises(ValueError, match=message):
        make()
