"""Accuracy over tasks with its 95 % confidence interval."""

from __future__ import annotations

import math

import keras
import tensorflow as tf

from ..datasets import Split
from ..experiment.distribution import distributed, n_devices
from ..experiment.progress import EvaluationProgress
from .labelled import labelled_tasks
from .tasks import TaskShape

TASKS_AT_ONCE = 8


class TaskAccuracy(keras.Metric):
    """The mean over tasks of each task's accuracy, and its 95 % interval, in percent.

    `result()` is {"accuracy": mean, "ci95": half-width}, the half-width being 1.96 s / sqrt(n) with s the sample
    standard deviation (n - 1) over the n tasks, as in the few-shot papers' tables; 0 for a single task.
    """

    def __init__(self, name: str = "task_accuracy"):
        super().__init__(name=name)
        # float64, for in float32 the difference of squares cancels
        self.n, self.sum, self.sum_of_squares = (
            self.add_weight(name=name, initializer="zeros", dtype="float64") for name in ("n", "sum", "sum_of_squares")
        )

    def update_state(self, labels: tf.Tensor, logits: tf.Tensor, sample_weight: None = None) -> None:
        """labels: (tasks, n); logits: (tasks, n, n_way)."""
        correct = tf.argmax(logits, axis=-1, output_type=tf.int32) == tf.cast(labels, tf.int32)
        accuracies = 100.0 * tf.reduce_mean(tf.cast(correct, tf.float64), axis=-1)  # (tasks,)
        self.n.assign_add(tf.cast(tf.size(accuracies), tf.float64))
        self.sum.assign_add(tf.reduce_sum(accuracies))
        self.sum_of_squares.assign_add(tf.reduce_sum(tf.square(accuracies)))

    def result(self) -> dict[str, tf.Tensor]:
        mean = tf.math.divide_no_nan(self.sum.value, self.n.value)
        squares = tf.maximum(self.sum_of_squares.value - self.n.value * tf.square(mean), 0.0)
        variance = tf.math.divide_no_nan(squares, self.n.value - 1.0)
        return {"accuracy": mean, "ci95": 1.96 * tf.sqrt(tf.math.divide_no_nan(variance, self.n.value))}


def at_once(n_tasks: int, most: int, name: str) -> int:
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
    batch = at_once(n_tasks, TASKS_AT_ONCE, "n_tasks")
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
