import numpy as np
import tensorflow as tf

from latentshot.lasium.tasks.augmented import AugmentedSource
from latentshot.lasium.tasks.neighbours import companions, mutual_neighbours
from latentshot.lasium.tasks.stream import TaskShape


def test_neighbours_are_those_of_a_loop_over_all_pairs():
    features = np.random.default_rng(0).normal(size=(60, 5)).astype(np.float32)
    unit = features / np.linalg.norm(features, axis=1, keepdims=True)
    cosines = (unit @ unit.T).astype(np.float64)
    np.fill_diagonal(cosines, -np.inf)
    nearest = [set(np.argsort(-row)[:4]) for row in cosines]
    found = mutual_neighbours(features, 4, at_once=7)
    assert found.shape == (60, 4)
    for image, row in enumerate(found):
        mutual = {other for other in nearest[image] if image in nearest[other]}
        assert set(row.tolist()) - {image} == mutual
        assert list(row).count(image) == 4 - len(mutual)


def test_companions_are_drawn_from_the_anchors_own_neighbours():
    neighbours = tf.constant(np.arange(30).reshape(10, 3), tf.int32)
    drawn = companions(neighbours, tf.constant([4, 0]), 50, tf.constant([0, 1])).numpy()
    assert set(drawn[0]) == {12, 13, 14}
    assert set(drawn[1]) == {0, 1, 2}


def test_a_class_of_augmented_tasks_is_an_image_and_its_copies_or_its_neighbours():
    images = np.arange(10, dtype=np.uint8)[:, None, None, None]
    shape = TaskShape(4, 1, 3)
    copies = AugmentedSource(images, 4).plan(shape, tf.constant([0, 0])).numpy()
    assert len(set(copies[:, 0])) == 4
    np.testing.assert_array_equal(copies, np.repeat(copies[:, :1], 4, axis=1))
    neighbours = ((np.arange(10)[:, None] + [1, 2]) % 10).astype(np.int32)
    plan = AugmentedSource(images, 4, neighbours).plan(shape, tf.constant([0, 0])).numpy()
    np.testing.assert_array_equal(plan[:, 0], copies[:, 0])
    assert set(((plan[:, 1:] - plan[:, :1]) % 10).ravel()) == {1, 2}
