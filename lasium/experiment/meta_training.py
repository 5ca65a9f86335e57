"""Meta-training of a learner on a stream of tasks."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import tensorflow as tf

from ...datasets.image_store import Images
from ...experiment.plots import save_curves
from ...experiment.run_directory import RunDirectory
from ...models.generator import Generator
from ...training.fit import train
from ...training.stopwatch import Stopwatch
from ..learners.learner import FewShotLearner
from ..tasks.augmentation import TaskAugmentation
from ..tasks.strategies import Strategy
from ..tasks.stream import TaskShape, TaskSource, task_stream
from ..tasks.synthetic import SyntheticSource
from .clusters_after_embedding import ClustersAfterEmbedding
from .embedding import CLUSTERING_SECONDS_FILE
from .generator_gate import GeneratorGate
from .generator_training import GeneratorTraining
from .pictures import save_interpolations, save_task

SECONDS_FILE = "meta-training-seconds.json"


@dataclass(frozen=True)
class SyntheticAfterTraining:
    """Synthetic tasks of a generator that is still to be trained. images: where anchors start; None for the prior."""

    training: GeneratorTraining
    strategy: Strategy
    epsilon: float | None
    images: Images | None
    generated_share: float = 1.0
    rendering: str = "paper"

    def of(self, generator: Generator, shape: TaskShape) -> SyntheticSource:
        """The source of the trained generator. Raises ValueError where it has no tasks of the shape."""
        source = SyntheticSource(
            generator, self.strategy, self.epsilon, self.images, self.generated_share, self.rendering
        )
        source.check(shape)
        return source


@dataclass(frozen=True)
class MetaTraining:
    """Where the tasks come from, and how long the learner is trained on them.

    gate: what a generator must pass before its tasks are used; None without one.
    generator_file: of a saved generator; the run keeps a copy, so that it can be resumed without the original.
    validation: labelled tasks that are scored at every checkpoint.
    kind_of_tasks: those of the training, in words: what is learned on them says little of real ones.
    inverted: 1 is ink, which pictures show dark.
    """

    source: TaskSource | SyntheticAfterTraining | ClustersAfterEmbedding
    shape: TaskShape
    augmentation: TaskAugmentation
    meta_batch_size: int
    seed: int
    iterations: int
    checkpoint_every: int
    validation: tf.data.Dataset | None
    method: str
    kind_of_tasks: str
    inverted: bool = False
    gate: GeneratorGate | None = None
    generator_file: Path | None = None

    def carry_out(self, learner: FewShotLearner, directory: RunDirectory) -> TaskSource:
        """Trains the learner from the last checkpoint on, draws tasks, interpolations and curves; returns the source.

        Raises ValueError for a generator that the gate does not let through.
        """
        source = self.task_source(directory.path)
        stopwatch = Stopwatch(directory.path / SECONDS_FILE)

        def stream_from(step: int) -> tf.data.Dataset:
            return self.stream(source, step)

        if isinstance(source, SyntheticSource):
            save_interpolations(
                directory.pictures / "interpolations.png", source, self.seed, self.shape.n_way, self.inverted
            )
        save_task(directory.pictures / "task.png", stream_from(0), self.inverted)
        history = train(
            learner,
            stream_from,
            epochs=self.iterations // self.checkpoint_every,
            steps_per_epoch=self.checkpoint_every,
            checkpoints=directory.checkpoints,
            logs=directory.logs / "meta",
            description=f"meta-training {self.method}",
            validation=self.validation,
            callbacks=[stopwatch],
            names_shown=self._names_shown,
        )
        save_curves(directory.pictures / "curves.png", history, self.checkpoint_every, self._names_shown)
        return source

    def tasks(self, folder: Path) -> tf.data.Dataset:
        """Batches of tasks that training has not seen. folder: of the run, for a generator that it has trained."""
        return self.stream(self.task_source(folder), self.iterations)

    def stream(self, source: TaskSource, step: int) -> tf.data.Dataset:
        return task_stream(source, self.shape, self.meta_batch_size, self.seed, self.augmentation, start=step)

    @property
    def _names_shown(self) -> dict[str, str]:
        """Of the metrics, by the tasks that they are of."""
        of = {"": self.kind_of_tasks, "val_": "validation classes"}
        return {
            f"{prefix}{name}": f"{name} on {tasks}" for prefix, tasks in of.items() for name in ("loss", "accuracy")
        }

    def times(self, folder: Path) -> dict[str, float | None]:
        """Seconds by part of the training in a run's folder, over its sessions; None for a generator that was found."""
        parts: dict[str, float | None] = {"meta_training": Stopwatch(folder / SECONDS_FILE).before}
        training = self.source.training if isinstance(self.source, SyntheticAfterTraining) else None
        if isinstance(self.source, ClustersAfterEmbedding):
            parts = {"clustering": Stopwatch(folder / CLUSTERING_SECONDS_FILE).before, **parts}
            training = self.source.embedding.training
        return {"generator": training.seconds(folder), **parts} if training else parts

    def task_source(self, folder: Path) -> TaskSource:
        """The tasks' source, of a generator that is trained and has passed the gate."""
        if isinstance(self.source, SyntheticAfterTraining):
            generator = self.source.training.obtain(folder)
            self._check(generator, folder)
            return self.source.of(generator, self.shape)
        if isinstance(self.source, ClustersAfterEmbedding):
            return self.source.obtain(folder, self.shape)
        if isinstance(self.source, SyntheticSource):
            self._check(self.source.generator, folder)
        return self.source

    def _check(self, generator: Generator, folder: Path) -> None:
        if self.gate:
            self.gate.check(generator, folder)
