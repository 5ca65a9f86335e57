"""Tasks without a generator: random images as classes, their other samples copies for the augmentation to change."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from ...datasets.gathering import image_reader
from ...datasets.image_store import Images
from .augmentation import TaskAugmentation
from .checks import check_enough_images
from .stream import TaskShape, task_stream


class AugmentedSource:
    """Tasks of n_way different unlabelled images, each followed by copies of it.

    images: uint8, (n, height, width, channels). Raises ValueError for fewer images than n_way.
    """

    def __init__(self, images: Images, n_way: int):
        check_enough_images(len(images), n_way)
        self.n_images, self.read = len(images), image_reader(images)
        self.image_shape: tuple[int, int, int] = images.shape[1:]  # type: ignore[assignment]

    def draw(self, n_way: int, seed: tf.Tensor) -> tf.Tensor:
        """Indices of different images, (n_way,)."""
        return tf.random.experimental.index_shuffle(tf.range(n_way), seed, self.n_images - 1)

    def plan(self, shape: TaskShape, seed: tf.Tensor) -> Any:
        """Indices of images, (n_way, k_shot + n_query), those of a row equal."""
        return tf.repeat(self.draw(shape.n_way, seed)[:, None], shape.images_per_class, axis=1)

    def render(self, plans: Any) -> tf.Tensor:
        return self.read(plans)


def augmented_tasks(
    images: Images,
    augmentation: TaskAugmentation,
    n_way: int = 64,
    k_shot: int = 1,
    n_query: int = 3,
    meta_batch_size: int = 1,
    seed: int = 0,
    start: int = 0,
) -> tf.data.Dataset:
    """An endless stream of batches of tasks (see `tasks.task_stream`) whose classes are single unlabelled images.

    Raises ValueError for fewer images than n_way.
    """
    source = AugmentedSource(images, n_way)
    return task_stream(source, TaskShape(n_way, k_shot, n_query), meta_batch_size, seed, augmentation, start)
