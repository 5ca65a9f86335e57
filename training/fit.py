"""One fit that a kill at any moment does not change: it goes on from its last checkpoint with the same data."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import keras
import tensorflow as tf

from .checkpoints import Checkpoints
from .distribution import distributed, leave_out_needless_sums
from .progress import TrainingProgress
from .stopwatch import Stopwatch


def train(
    model: keras.Model,
    stream_from: Callable[[int], tf.data.Dataset],
    epochs: int,
    steps_per_epoch: int,
    checkpoints: Path,
    logs: Path,
    description: str,
    validation: tf.data.Dataset | None = None,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    names_shown: dict[str, str] | None = None,
) -> list[dict[str, float]]:
    """Fits the compiled model, from the newest checkpoint if there is one, and returns the metrics of every epoch.

    stream_from(step): the endless stream of batches from that step on.
    names_shown: what the progress bar calls a metric; by default its own name.
    checkpoints, logs: the folders of the checkpoints, one an epoch, and of TensorBoard's files.
    Raises FloatingPointError where a loss or a weight is no longer finite.
    """
    leave_out_needless_sums(model)
    if not model.optimizer.built:
        model.optimizer.build(model.trainable_variables)
    saved = Checkpoints(model, checkpoints)
    epoch = saved.restore()
    if epoch:
        print(f"{description}: continuing after {epoch} of {epochs} epochs")
    else:
        for stopwatch in callbacks:
            if isinstance(stopwatch, Stopwatch):
                stopwatch.before = 0.0  # of a training whose end was lost, and that begins anew
    if epoch < epochs:
        steps = epochs * steps_per_epoch
        model.fit(
            distributed(stream_from(epoch * steps_per_epoch), model),
            epochs=epochs,
            initial_epoch=epoch,
            steps_per_epoch=steps_per_epoch,
            validation_data=None if validation is None else distributed(validation, model),
            validation_steps=None if validation is None else int(validation.cardinality()),
            shuffle=False,
            verbose=0,
            callbacks=[
                TrainingProgress(steps, description, "it", epoch * steps_per_epoch, names_shown),
                saved,
                keras.callbacks.TensorBoard(str(logs), write_graph=False),
                *callbacks,
            ],
        )
    return saved.history
