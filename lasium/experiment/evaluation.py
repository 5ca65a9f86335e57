"""Evaluation of a learner on labelled tasks, the same for every learner."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ...datasets import Split
from ...datasets.attributes import AttributeSplit
from ...experiment.run_directory import Row
from ...experiment.task_scores import IDENTITY, TaskScores
from ...training.distribution import distributed, n_devices
from ...training.progress import EvaluationProgress
from ..learners.learner import FewShotLearner
from ..learners.on_embedding import OnEmbedding
from ..learners.protonets import ProtoNets
from ..tasks.encoding import EncodedSource, Latents
from ..tasks.labelled import labelled_source
from ..tasks.stream import TaskShape, task_stream
from .open_set import measured
from .yardsticks import yardsticks

TASKS_PER_BATCH = 8


@dataclass(frozen=True)
class Evaluation:
    """A row of the results that is still to be measured: n_tasks labelled tasks of a split, drawn from the seed.

    identity: of the row, such as its method and dataset. remarks: what stands behind the figure: options, the paper's.
    n_open_tasks: in which half of the queries belong to no class; 0 where there are too few classes for them.
    """

    split: Split
    shape: TaskShape
    n_tasks: int
    seed: int
    identity: Row
    remarks: Row
    n_open_tasks: int = 0

    def measure(self, learner: FewShotLearner, latents: Latents | None = None) -> tuple[Row, TaskScores]:
        """The row with `accuracy` and `ci95`, in percent, for a calibrated learner what `open_set.measured` gives, and
        as `yardsticks` what needs no training on these tasks; and the score of each task.

        latents: of the learner's embedding, or of a generator that encodes: a yardstick.
        """
        description = f"{self.shape.k_shot}-shot evaluation"
        own = latents if isinstance(learner, OnEmbedding) else None
        result, right = evaluate(learner, self.split, self.shape, self.n_tasks, self.seed, description, own)
        known_unknown = measured(learner, self.split, self.shape, self.n_open_tasks, self.seed)
        beside = yardsticks(self.split, self.shape, self.n_tasks, self.seed, latents)
        row = {**self.identity, **result, **known_unknown, **self.remarks, "yardsticks": beside}
        which = {name: row[name] for name in IDENTITY}
        tasks = {**which, "seed": self.seed, "images": self.split.fingerprint}
        return row, TaskScores(tasks, self.shape.n_way * self.shape.n_query, right.tolist())


def task_batch_size(n_tasks: int, most: int, name: str) -> int:
    """The largest batch of about `most` that divides n_tasks, and that the devices can share. ValueError without."""
    fitting = [size for size in range(n_devices(), max(most, n_devices()) + 1, n_devices()) if not n_tasks % size]
    if not fitting:
        raise ValueError(f"{name} is {n_tasks}, which {n_devices()} devices cannot share: give a multiple")
    return fitting[-1]


def evaluate(
    learner: FewShotLearner,
    split: Split | AttributeSplit,
    shape: TaskShape,
    n_tasks: int,
    seed: int,
    description: str,
    embedded: Latents | None = None,
) -> tuple[dict[str, float], np.ndarray]:
    """`accuracy` and `ci95`, the half-width of its 95 % interval, in percent, over the first n_tasks labelled tasks of
    the seed, and how many queries of each task were answered rightly, (n_tasks,).

    Every learner gets the same tasks; ProtoNets and classifiers on an embedding those of
    the images' features, each computed once; `embedded` has those that are known already.
    Raises ValueError for a split too small for them, and FloatingPointError where the loss is not finite.
    """
    batch = task_batch_size(n_tasks, TASKS_PER_BATCH, "n_tasks")
    source = labelled_source(split, shape)
    once = embedded is not None or _shows_images_often(split, shape, n_tasks)
    if isinstance(learner, ProtoNets | OnEmbedding) and n_devices() == 1 and once:
        features = (embedded or Latents(learner.embed)).of(split.images)
        source, learner = EncodedSource(source, features), learner.on_features(features.shape[-1])
    tasks = task_stream(source, shape, batch, seed, n_batches=n_tasks // batch)
    progress = EvaluationProgress(n_tasks // batch, description, f"x{batch} tasks")
    with learner.counting_right_answers(n_tasks) as right:
        result = learner.evaluate(
            distributed(tasks, learner), steps=n_tasks // batch, verbose=0, callbacks=[progress], return_dict=True
        )
    if not math.isfinite(result["loss"]):
        raise FloatingPointError(
            f"the loss of the {description} is not finite: a smaller inner_lr, or precision float32, may help"
        )
    return {name: float(result[name]) for name in ("accuracy", "ci95")}, right.result().numpy()


def _shows_images_often(split: Split | AttributeSplit, shape: TaskShape, n_tasks: int) -> bool:
    """Do the tasks show more images than there are, so that to embed each once is less work?"""
    return isinstance(split, Split) and len(split) < n_tasks * shape.n_way * shape.images_per_class
