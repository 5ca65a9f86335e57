"""Training and scoring of one classifier: a row of the tables on one sample (Azuri and Weinshall 2020, section IV)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tensorflow as tf

from ...datasets.dataset import Split
from ...datasets.labelled_batches import labelled_batches
from ...training.fit import train
from ...training.stopwatch import Stopwatch
from ..classify.classifier import MixedClassifier, choices
from .sample import Sample
from .schedule import Schedule

TEST_BATCH = 250


@dataclass(frozen=True)
class ClassifierTraining:
    """A classifier with fresh weights, and how it is to be trained.

    labels: of the sample's first images, int32, -1 for those that are not trained on. method: the row's name, such as
    glico+cutout.
    """

    model: MixedClassifier
    sample: Sample
    labels: np.ndarray
    method: str
    schedule: Schedule
    batch_size: int

    def carry_out(self, folder: Path) -> list[dict[str, float]]:
        """Trains from the folder's last checkpoint on, and returns the metrics of every epoch."""
        history = train(
            self.model,
            lambda start: labelled_batches(self.labels, self.batch_size, self.sample.seed, start),
            self.schedule.epochs,
            self.schedule.steps_per_epoch,
            checkpoints=folder / "checkpoints" / self.method,
            logs=folder / "logs" / self.method,
            description=f"classifier {self.method}",
            callbacks=[Stopwatch(folder / f"{self.method}-seconds.json")],
        )
        # averaged weights, where there are any: fit leaves them too, but not if it was over before this process
        self.model.optimizer.finalize_variable_values(self.model.trainable_variables)
        return history


def score(model: MixedClassifier, test: Split) -> tuple[dict[str, float], np.ndarray]:
    """`top1` and `top5` in percent, and the class that each image (n,) is taken for.

    Computed on one device: the test images need not be shared evenly by several.
    """
    signature = [tf.TensorSpec((None, *test.images.shape[1:]), tf.uint8), tf.TensorSpec((None,), test.labels.dtype)]

    @tf.function(autograph=False, input_signature=signature)  # one graph, for the smaller last batch too
    def answers(images: tf.Tensor, labels: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        logits = model(tf.cast(images, tf.float32) / 255.0, training=False)
        return choices(labels, logits), tf.argmax(logits, axis=1)

    parts = [slice(start, start + TEST_BATCH) for start in range(0, len(test.labels), TEST_BATCH)]
    batches = [(test.images[part], test.labels[part]) for part in parts]
    right, taken = (np.concatenate(part) for part in zip(*(answers(*batch) for batch in batches), strict=True))
    top = {"top1": 100.0 * float(right[:, 0].mean()), "top5": 100.0 * float(right.sum(axis=1).mean())}
    return top, taken
