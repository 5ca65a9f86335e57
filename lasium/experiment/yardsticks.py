"""What a trained learner has to beat: on the same tasks the nearest class mean, which costs seconds, and chance."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import tensorflow as tf

from ...datasets import Split
from ...experiment.run_directory import Row
from ..learners.protonets import prototypes
from ..tasks.encoding import EncodedSource, Latents
from ..tasks.labelled import labelled_source
from ..tasks.stream import TaskShape, TaskSource, task_stream

TASKS_AT_ONCE = 4
PIXELS: dict[str, Callable[[tf.Tensor], tf.Tensor]] = {
    "pixels": lambda images: images,
    "standardized pixels": tf.image.per_image_standardization,
}


def yardsticks(split: Split, shape: TaskShape, n_tasks: int, seed: int, latents: Latents | None) -> list[Row]:
    """The first n_tasks labelled tasks of the seed by the nearest class mean, and by chance: rows with `method`,
    `accuracy` and `ci95`, in percent.

    The mean is of pixels, of pixels that each image has standardized to mean 0 and variance 1, and of the latents of a
    generator that encodes.
    """
    source = labelled_source(split, shape)
    found = _accuracies(source, shape, n_tasks, seed, PIXELS)
    if latents:
        found |= _accuracies(
            EncodedSource(source, latents.of(split.images)), shape, n_tasks, seed, {"latents": lambda codes: codes}
        )
    rows = [{"method": f"Nearest mean of {name}", **with_interval(each)} for name, each in found.items()]
    return [*rows, {"method": "Chance", "accuracy": 100.0 / shape.n_way, "ci95": 0.0}]


def with_interval(accuracies: np.ndarray) -> dict[str, float]:
    """The mean of accuracies (tasks,) and its 95 % interval, as `learners.accuracy.TaskAccuracy` has them."""
    n = len(accuracies)
    return {
        "accuracy": float(accuracies.mean()),
        "ci95": float(1.96 * accuracies.std(ddof=1) / np.sqrt(n)) if n > 1 else 0.0,
    }


def nearest_mean_logits(support: tf.Tensor, labels: tf.Tensor, queries: tf.Tensor) -> tf.Tensor:
    """(tasks, q, n_way), the greatest at the nearest class mean, of (tasks, s, f), (tasks, s) and (tasks, q, f).

    Minus the squared distances, but for what all classes of a query have in common.
    """
    centres = prototypes(support, labels)  # (tasks, n_way, f)
    norms = tf.reduce_sum(tf.square(centres), axis=-1)[:, None]  # (tasks, 1, n_way)
    return 2.0 * tf.matmul(queries, centres, transpose_b=True) - norms


def _accuracies(
    source: TaskSource, shape: TaskShape, n_tasks: int, seed: int, maps: dict[str, Callable[[tf.Tensor], tf.Tensor]]
) -> dict[str, np.ndarray]:
    """Of each map of the images (or features), the accuracy of every task in percent, (n_tasks,)."""
    at_once = TASKS_AT_ONCE if n_tasks % TASKS_AT_ONCE == 0 else 1

    @tf.function
    def of_batch(x: dict[str, tf.Tensor], y: tf.Tensor) -> list[tf.Tensor]:
        found = []
        for change in maps.values():
            support, queries = (_flat(change(x[name])) for name in ("support_images", "query_images"))
            answers = tf.argmax(
                nearest_mean_logits(support, x["support_labels"], queries), axis=-1, output_type=y.dtype
            )
            found.append(100.0 * tf.reduce_mean(tf.cast(answers == y, tf.float64), axis=-1))  # (tasks,)
        return found

    tasks = task_stream(source, shape, at_once, seed, n_batches=n_tasks // at_once)
    batches = [of_batch(x, y) for x, y in tasks]
    return {name: np.concatenate([batch[i] for batch in batches]) for i, name in enumerate(maps)}


def _flat(images: tf.Tensor) -> tf.Tensor:
    """(tasks, n, features) of (tasks, n, ...)."""
    return tf.reshape(images, (*images.shape[:2], -1))
