"""Labelled tasks in which half of the queries belong to none of the task's classes."""

from __future__ import annotations

import tensorflow as tf

from ...datasets import Split
from ...datasets.attributes import AttributeSplit
from .labelled import labelled_tasks
from .stream import TaskShape

NO_CLASS = -1


def open_tasks(
    split: Split | AttributeSplit, shape: TaskShape, meta_batch_size: int, seed: int, n_tasks: int
) -> tf.data.Dataset:
    """Batches of tasks with n_query queries of each of the n_way classes, and as many of n_way others, labelled -1.

    n_tasks must be a multiple of meta_batch_size.
    Raises ValueError for a split that has fewer than twice n_way classes with enough images.
    """
    n_support = shape.n_way * shape.k_shot

    def only_half_supported(tasks: dict[str, tf.Tensor], labels: tf.Tensor) -> tuple[dict[str, tf.Tensor], tf.Tensor]:
        support = {name: tasks[name][:, :n_support] for name in ("support_images", "support_labels")}
        return {**tasks, **support}, tf.where(labels < shape.n_way, labels, NO_CLASS)

    tasks = labelled_tasks(split, 2 * shape.n_way, shape.k_shot, shape.n_query, meta_batch_size, seed, n_tasks=n_tasks)
    return tasks.map(only_half_supported)
