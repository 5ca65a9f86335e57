"""Accuracy over tasks with its 95 % confidence interval, and task by task."""

from __future__ import annotations

import keras
import tensorflow as tf

from ...training.distribution import device_number, n_devices


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
        correct = _correct(labels, logits)
        accuracies = 100.0 * tf.reduce_mean(tf.cast(correct, tf.float64), axis=-1)  # (tasks,)
        self.n.assign_add(tf.cast(tf.size(accuracies), tf.float64))
        self.sum.assign_add(tf.reduce_sum(accuracies))
        self.sum_of_squares.assign_add(tf.reduce_sum(tf.square(accuracies)))

    def result(self) -> dict[str, tf.Tensor]:
        mean = tf.math.divide_no_nan(self.sum.value, self.n.value)
        squares = tf.maximum(self.sum_of_squares.value - self.n.value * tf.square(mean), 0.0)
        variance = tf.math.divide_no_nan(squares, self.n.value - 1.0)
        return {"accuracy": mean, "ci95": 1.96 * tf.sqrt(tf.math.divide_no_nan(variance, self.n.value))}


class RightAnswers(keras.Metric):
    """How many queries of each of the n_tasks tasks of an evaluation were answered rightly.

    `result()` is (n_tasks,), int32, in the order of the stream, however many devices share its batches.
    """

    def __init__(self, n_tasks: int, name: str = "right_answers"):
        super().__init__(name=name, dtype="int32")
        self.counts = self.add_weight((n_tasks,), "zeros", "int32", "counts")
        self.n_seen = self.add_weight((), "zeros", "int32", "n_seen")  # by all devices

    def update_state(self, labels: tf.Tensor, logits: tf.Tensor, sample_weight: None = None) -> None:
        """labels: (tasks, n); logits: (tasks, n, n_way)."""
        counts = tf.math.count_nonzero(_correct(labels, logits), axis=-1, dtype=tf.int32)  # (tasks,)
        n = tf.size(counts)
        places = self.n_seen + device_number() * n + tf.range(n)
        # each device fills its own places of its own copy; the sum of the copies is what is read
        self.counts.assign(tf.tensor_scatter_nd_update(self.counts.value, places[:, None], counts))
        self.n_seen.assign_add(n_devices() * n)

    def result(self) -> tf.Tensor:
        return tf.convert_to_tensor(self.counts.value)


def _correct(labels: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
    """Boolean (tasks, n)."""
    return tf.argmax(logits, axis=-1, output_type=tf.int32) == tf.cast(labels, tf.int32)
