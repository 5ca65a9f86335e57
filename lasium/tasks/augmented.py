"""Tasks without a generator: random images as classes, their other samples copies for the augmentation to change."""

from __future__ import annotations

import tensorflow as tf

from ...datasets.gathering import gatherer
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
        self.n_images, self.gather = len(images), gatherer(images)
        self.image_shape: tuple[int, int, int] = images.shape[1:]  # type: ignore[assignment]

    def plan(self, shape: TaskShape, seed: tf.Tensor) -> tf.Tensor:
        """Indices of images, (n_way, k_shot + n_query), those of a row equal."""
        chosen = tf.random.experimental.index_shuffle(tf.range(shape.n_way), seed, self.n_images - 1)
        return tf.repeat(chosen[:, None], shape.images_per_class, axis=1)

    def render(self, plans: tf.Tensor) -> tf.Tensor:
        return tf.cast(self.gather(plans), tf.float32) / 255.0


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
