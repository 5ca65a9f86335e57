"""Checkpoints of a fit: written whole; a resumed fit goes on from the newest readable one."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from .distribution import optimizers_of
from .files import write_json

KEPT = 2  # newest checkpoints


class Checkpoints(keras.callbacks.Callback):
    """Saves weights, optimizers' states and the history of metrics at the end of every epoch; keeps the last two.

    What is in the folder counts, and no list of it that could be lost. history.json there is for people to read.
    model: built and compiled, its optimizers built.
    """

    def __init__(self, model: keras.Model, folder: Path):
        super().__init__()
        self.folder = folder
        self.variables = training_variables(model)
        self._history = _History()
        self.checkpoint = tf.train.Checkpoint(
            variables=[variable.value for variable in self.variables], history=self._history
        )

    @property
    def history(self) -> list[dict[str, float]]:
        """The metrics of every epoch."""
        return self._history.rows

    @property
    def epochs(self) -> list[int]:
        """Of the checkpoints that are there, readable or not, in order. The index is what comes last."""
        return sorted(int(file.stem.removeprefix("epoch-")) for file in self._files() if file.suffix == ".index")

    @property
    def latest(self) -> str | None:
        return str(self._prefix(self.epochs[-1])) if self.epochs else None

    def restore(self) -> int:
        """Puts back the newest readable checkpoint and returns its epoch; 0 where there is none.

        Raises ValueError where there are checkpoints, and none can be read.
        """
        self._sweep()
        for epoch in reversed(self.epochs):
            try:
                self.checkpoint.read(str(self._prefix(epoch))).assert_consumed()
            except Exception as error:  # the reader raises many kinds for a damaged file, IndexError among them
                reason = str(error).partition("\n")[0]
                print(f"checkpoint {self._prefix(epoch)} cannot be read ({reason})", file=sys.stderr)
                continue
            return epoch
        if self.epochs:
            raise ValueError(
                f"none of the checkpoints under {self.folder} can be read: remove that folder to start this stage again"
            )
        return 0

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Raises FloatingPointError, and saves nothing, where a weight is not finite."""
        for variable in self.variables:
            if variable.dtype.startswith("float") and not bool(tf.reduce_all(tf.math.is_finite(variable.value))):
                raise FloatingPointError(_not_finite(f"{variable.path} in epoch {epoch + 1}", self.latest))
        self.history.append({name: float(value) for name, value in (logs or {}).items()})
        self.folder.mkdir(parents=True, exist_ok=True)
        write_json(self.folder / "history.json", self.history)
        try:
            self._write(epoch + 1)
        finally:
            self._sweep()

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Raises FloatingPointError where a metric of the step is not finite."""
        for name, value in (logs or {}).items():
            if not tf.math.is_finite(value):
                step = int(self.model.optimizer.iterations.numpy())
                raise FloatingPointError(_not_finite(f"{name} at iteration {step}", self.latest))

    def _write(self, epoch: int) -> None:
        """The index comes to its place last and whole, which TensorFlow itself would write there bit by bit."""
        begun = self.folder / f"epoch-{epoch}_temp"
        self.checkpoint.write(str(begun / self._prefix(epoch).name))
        for file in sorted(begun.iterdir(), key=lambda file: file.suffix == ".index"):
            os.replace(file, self.folder / file.name)

    def _prefix(self, epoch: int) -> Path:
        return self.folder / f"epoch-{epoch}"

    def _files(self) -> list[Path]:
        """Of all checkpoints: epoch-3.index, epoch-3.data-00000-of-00001, and the folder epoch-3_temp of one begun."""
        return [file for file in self.folder.glob("epoch-*") if re.fullmatch(r"epoch-\d+[._].*", file.name)]

    def _sweep(self) -> None:
        """Removes old checkpoints, and what a kill or a full disk left of one that was being written."""
        epochs = self.epochs
        for file in self._files():
            number = int(re.findall(r"\d+", file.name)[0])
            if file.is_dir():
                shutil.rmtree(file, ignore_errors=True)
            elif number not in epochs:
                print(f"checkpoint {self._prefix(number)} has no index and is left out", file=sys.stderr)
                file.unlink(missing_ok=True)
            elif number not in epochs[-KEPT:]:
                file.unlink(missing_ok=True)


class _History(tf.train.experimental.PythonState):
    """The metrics of every epoch, inside the checkpoint, so that the two are of the same epoch."""

    def __init__(self) -> None:
        self.rows: list[dict[str, float]] = []

    def serialize(self) -> str:
        return json.dumps(self.rows)

    def deserialize(self, string_value: str) -> None:
        self.rows = json.loads(string_value)


def training_variables(model: keras.Model) -> list[keras.Variable]:
    """The model's weights and the states of all its optimizers: what a step changes."""
    states = [variable for optimizer in optimizers_of(model) for variable in optimizer.variables]
    return [*model.trainable_variables, *_moving(model), *states]


def _moving(model: keras.Model) -> list[keras.Variable]:
    """Non-trainable weights that are not a metric's: those start afresh every epoch."""
    of_metrics = {id(variable) for metric in model.metrics for variable in metric.variables}
    return [variable for variable in model.non_trainable_variables if id(variable) not in of_metrics]


def _not_finite(what: str, checkpoint: str | None) -> str:
    kept = f"The last good checkpoint is {checkpoint}" if checkpoint else "No checkpoint had been written yet"
    return f"{what} is no longer finite, so training stopped. {kept}. A smaller learning rate may help"
