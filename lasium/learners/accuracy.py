"""Accuracy over tasks with its 95 % confidence interval."""

from __future__ import annotations

import keras
import tensorflow as tf


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
