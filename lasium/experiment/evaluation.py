"""Evaluation of a learner on labelled tasks, the same for every learner."""

from __future__ import annotations

import math

import keras

from ...datasets import Split
from ...training.distribution import distributed, n_devices
from ...training.progress import EvaluationProgress
from ..tasks.labelled import labelled_tasks
from ..tasks.stream import TaskShape

TASKS_PER_BATCH = 8


def task_batch_size(n_tasks: int, most: int, name: str) -> int:
    """The largest batch of about `most` that divides n_tasks, and that the devices can share. ValueError without."""
    fitting = [size for size in range(n_devices(), max(most, n_devices()) + 1, n_devices()) if not n_tasks % size]
    if not fitting:
        raise ValueError(f"{name} is {n_tasks}, which {n_devices()} devices cannot share: give a multiple")
    return fitting[-1]


def evaluate(
    learner: keras.Model, split: Split, shape: TaskShape, n_tasks: int, seed: int, description: str
) -> dict[str, float]:
    """Accuracy and the half-width of its 95 % interval, in percent, over the first n_tasks labelled tasks of the seed.

    Every learner gets the same tasks. Raises ValueError for a split too small for them, and FloatingPointError where
    the loss is not finite.
    """
    batch = task_batch_size(n_tasks, TASKS_PER_BATCH, "n_tasks")
    tasks = labelled_tasks(split, shape.n_way, shape.k_shot, shape.n_query, batch, seed, n_tasks=n_tasks)
    progress = EvaluationProgress(n_tasks // batch, description, f"x{batch} tasks")
    result = learner.evaluate(
        distributed(tasks, learner), steps=n_tasks // batch, verbose=0, callbacks=[progress], return_dict=True
    )
    if not math.isfinite(result["loss"]):
        raise FloatingPointError(
            f"the loss of the {description} is not finite: a smaller inner_lr, or precision float32, may help"
        )
    return {name: float(result[name]) for name in ("accuracy", "ci95")}
