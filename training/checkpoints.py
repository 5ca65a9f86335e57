"""Checkpoints of a fit: written whole; a resumed fit goes on from the newest readable one."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from .files import write_json


class Checkpoints(keras.callbacks.Callback):
    """Saves weights, optimizers' states and the history of metrics at the end of every epoch; keeps the last two.

    model: built and compiled, its optimizers built.
    """

    def __init__(self, model: keras.Model, folder: Path):
        super().__init__()
        self.variables = training_variables(model)
        self.checkpoint = tf.train.Checkpoint(variables=[variable.value for variable in self.variables])
        self.manager = tf.train.CheckpointManager(self.checkpoint, str(folder), max_to_keep=2, checkpoint_name="epoch")
        self.history_file = folder / "history.json"
        self.history: list[dict[str, float]] = []

    def restore(self) -> int:
        """Puts back the newest readable checkpoint and returns its epoch; 0 where there is none."""
        for path in reversed(self.manager.checkpoints):
            try:
                self.checkpoint.restore(path).assert_consumed()
            except (
                Exception
            ) as error:  # the reader raises many kinds of errors for a damaged file, IndexError among them
                reason = str(error).partition("\n")[0]
                print(f"checkpoint {path} cannot be read ({reason}); trying the one before it", file=sys.stderr)
                continue
            epoch = int(path.rsplit("-", 1)[1])
            self.history = json.loads(self.history_file.read_text(encoding="utf-8"))[:epoch]
            return epoch
        if self.manager.checkpoints:
            raise ValueError(
                f"none of the checkpoints under {self.history_file.parent} can be read: "
                "remove that folder to start this stage again"
            )
        return 0

    @property
    def latest(self) -> str | None:
        return self.manager.latest_checkpoint

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Raises FloatingPointError, and saves nothing, where a weight is not finite."""
        for variable in self.variables:
            if variable.dtype.startswith("float") and not bool(tf.reduce_all(tf.math.is_finite(variable.value))):
                raise FloatingPointError(_not_finite(f"{variable.path} in epoch {epoch + 1}", self.latest))
        self.history.append({name: float(value) for name, value in (logs or {}).items()})
        # History first: after a kill between the two it has one row too many, which restore() drops.
        self.history_file.parent.mkdir(parents=True, exist_ok=True)
        write_json(self.history_file, self.history)
        self.manager.save(checkpoint_number=epoch + 1)

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Raises FloatingPointError where a metric of the step is not finite."""
        for name, value in (logs or {}).items():
            if not tf.math.is_finite(value):
                step = int(self.model.optimizer.iterations.numpy())
                raise FloatingPointError(_not_finite(f"{name} at iteration {step}", self.latest))


def training_variables(model: keras.Model) -> list[keras.Variable]:
    """The model's weights and the states of all its optimizers: what a step changes."""
    optimizers = [part for part in vars(model).values() if isinstance(part, keras.Optimizer)]
    states = [variable for optimizer in dict.fromkeys(optimizers) for variable in optimizer.variables]
    return [*model.trainable_variables, *_moving(model), *states]


def _moving(model: keras.Model) -> list[keras.Variable]:
    """Non-trainable weights that are not a metric's: those start afresh every epoch."""
    of_metrics = {id(variable) for metric in model.metrics for variable in metric.variables}
    return [variable for variable in model.non_trainable_variables if id(variable) not in of_metrics]


def _not_finite(what: str, checkpoint: str | None) -> str:
    kept = f"The last good checkpoint is {checkpoint}" if checkpoint else "No checkpoint had been written yet"
    return f"{what} is no longer finite, so training stopped. {kept}. A smaller learning rate may help"
