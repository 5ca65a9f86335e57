"""Streams of N-way K-shot tasks, whatever they are made from.

A batch of tasks is what Keras calls (x, y):

    x = {"support_images": (tasks, n_way k_shot, height, width, channels), float32 in [0, 1],
         "support_labels": (tasks, n_way k_shot), int32 in [0, n_way),
         "query_images": (tasks, n_way n_query, height, width, channels)}
    y = the query labels, (tasks, n_way n_query)

The stream has no state: task i of a seed is the same whatever came before it and however many are in a batch.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import tensorflow as tf

from ...datasets.batches import without_autotuning
from .augmentation import TaskAugmentation


@dataclass(frozen=True)
class TaskShape:
    """Classes, training images a class and held-out images a class. Raises ValueError for fewer than one of any.

    names: of the three where they were chosen, for messages.
    """

    n_way: int = 5
    k_shot: int = 1
    n_query: int = 5
    names: tuple[str, str, str] = field(default=("n_way", "k_shot", "n_query"), compare=False, repr=False)

    def __post_init__(self) -> None:
        for name, value in zip(self.names, (self.n_way, self.k_shot, self.n_query), strict=True):
            if value < 1:
                raise ValueError(f"{name} is {value}; a task needs at least 1")

    @property
    def images_per_class(self) -> int:
        return self.k_shot + self.n_query


class TaskSource(Protocol):
    """Where the images of tasks come from, in two steps so that the second runs on whole batches."""

    image_shape: tuple[int, int, int]

    def plan(self, shape: TaskShape, seed: tf.Tensor) -> Any:
        """What one task consists of, such as latents or indices of images: tensors, from the seed (2,) alone."""
        ...

    def render(self, plans: Any) -> tf.Tensor:
        """The images of a batch of plans: (tasks, n_way, k_shot + n_query, height, width, channels).

        The first k_shot of a class are its support.
        """
        ...


def task_stream(
    source: TaskSource,
    shape: TaskShape,
    meta_batch_size: int,
    seed: int,
    augmentation: TaskAugmentation | None = None,
    start: int = 0,
    n_batches: int | None = None,
) -> tf.data.Dataset:
    """Batches of tasks; endless unless n_batches says how many.

    start: the batch to begin with.
    Raises ValueError for images that the augmentation cannot be applied to, and for batches of no task.
    """
    if meta_batch_size < 1:
        raise ValueError(f"meta_batch_size is {meta_batch_size}; it must be 1 or more")
    change = augmentation or TaskAugmentation()
    change.check(source.image_shape)

    def plan(task: tf.Tensor) -> tuple[Any, tf.Tensor]:
        task_seed, augmentation_seed = task_seeds(seed, task)
        return source.plan(shape, task_seed), augmentation_seed

    def render(plans: Any, seeds: tf.Tensor) -> tuple[dict[str, tf.Tensor], tf.Tensor]:
        images = source.render(plans)  # (tasks, n_way, k_shot + n_query, h, w, c)
        images = tf.ensure_shape(images, (meta_batch_size, shape.n_way, shape.images_per_class, *source.image_shape))
        if change != TaskAugmentation():
            # task by task, so that a task is the same whatever batch it is in
            images = tf.stack([change(images[task], shape.k_shot, seeds[task]) for task in range(meta_batch_size)])
        return as_tasks(images, shape.k_shot)

    stop = start + n_batches if n_batches is not None else np.iinfo(np.int64).max // meta_batch_size
    tasks = tf.data.Dataset.range(start * meta_batch_size, stop * meta_batch_size)
    plans = tasks.map(plan, num_parallel_calls=tf.data.AUTOTUNE).batch(meta_batch_size, drop_remainder=True)
    return without_autotuning(plans.map(render).prefetch(2))


def task_seeds(seed: int, task: int | tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Those of a task's plan and of its augmentation: (2,) each."""
    number = tf.cast(task, tf.int64)  # by whose type TensorFlow draws
    task_seed = tf.random.experimental.stateless_fold_in(tf.constant([seed, 0], tf.int64), number)
    return tuple(tf.unstack(tf.random.experimental.stateless_split(task_seed, 2)))


def as_tasks(images: tf.Tensor, k_shot: int) -> tuple[dict[str, tf.Tensor], tf.Tensor]:
    """(x, y) from images (tasks, n_way, k_shot + n_query, height, width, channels)."""
    n_tasks, n_way, per_class = images.shape[:3]
    image_shape = images.shape[3:]

    def part(first: int, last: int) -> tuple[tf.Tensor, tf.Tensor]:
        flat = tf.reshape(images[:, :, first:last], (n_tasks, n_way * (last - first), *image_shape))
        labels = tf.tile(tf.repeat(tf.range(n_way), last - first)[None], (n_tasks, 1))
        return flat, labels

    support_images, support_labels = part(0, k_shot)
    query_images, query_labels = part(k_shot, per_class)
    x = {"support_images": support_images, "support_labels": support_labels, "query_images": query_images}
    return x, query_labels
