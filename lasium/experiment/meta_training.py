"""Meta-training of a learner on a stream of tasks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import keras
import tensorflow as tf

from ...datasets.image_store import Images
from ...experiment.plots import save_curves
from ...experiment.run_directory import RunDirectory
from ...training.fit import train
from ..learners.learner import FewShotLearner
from ..tasks.augmentation import TaskAugmentation
from ..tasks.strategies import Strategy
from ..tasks.stream import TaskShape, TaskSource, task_stream
from ..tasks.synthetic import SyntheticSource
from .generator_training import GeneratorTraining
from .pictures import save_interpolations, save_task


@dataclass(frozen=True)
class SyntheticAfterTraining:
    """Synthetic tasks of a generator that is still to be trained. images: where anchors start; None for the prior."""

    generator: GeneratorTraining
    strategy: Strategy
    epsilon: float | None
    images: Images | None
    generated_share: float = 1.0

    def obtain(self, n_way: int, folder: Path, callbacks: Sequence[keras.callbacks.Callback]) -> SyntheticSource:
        """The source, once the generator is trained. Raises ValueError for an epsilon that anchors cannot meet."""
        generator = self.generator.obtain(folder, callbacks)
        source = SyntheticSource(generator, self.strategy, self.epsilon, self.images, self.generated_share)
        source.anchors.check(n_way)
        return source


@dataclass(frozen=True)
class MetaTraining:
    """Where the tasks come from, and how long the learner is trained on them.

    generator_file: of a saved generator; the run keeps a copy, so that it can be resumed without the original.
    validation: labelled tasks that are scored at every checkpoint.
    inverted: 1 is ink, which pictures show dark.
    """

    source: TaskSource | SyntheticAfterTraining
    shape: TaskShape
    augmentation: TaskAugmentation
    meta_batch_size: int
    seed: int
    iterations: int
    checkpoint_every: int
    validation: tf.data.Dataset | None
    method: str
    inverted: bool = False
    generator_file: Path | None = None

    def carry_out(
        self, learner: FewShotLearner, directory: RunDirectory, callbacks: Sequence[keras.callbacks.Callback]
    ) -> None:
        """Trains the learner from the last checkpoint on, and draws tasks, interpolations and curves."""
        source = self._source(directory.path, callbacks)

        def stream_from(step: int) -> tf.data.Dataset:
            return self._stream(source, step)

        if isinstance(source, SyntheticSource):
            save_interpolations(directory.pictures / "interpolations.png", source, self.seed, self.inverted)
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
            callbacks=callbacks,
        )
        save_curves(directory.pictures / "curves.png", history, self.checkpoint_every)

    def tasks(self, folder: Path) -> tf.data.Dataset:
        """Batches of tasks that training has not seen. folder: of the run, for a generator that it has trained."""
        return self._stream(self._source(folder, []), self.iterations)

    def _stream(self, source: TaskSource, step: int) -> tf.data.Dataset:
        return task_stream(source, self.shape, self.meta_batch_size, self.seed, self.augmentation, start=step)

    def _source(self, folder: Path, callbacks: Sequence[keras.callbacks.Callback]) -> TaskSource:
        if isinstance(self.source, SyntheticAfterTraining):
            return self.source.obtain(self.shape.n_way, folder, callbacks)
        return self.source
