"""How long a run has taken, over all of its sessions."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import keras

from .files import read_json, write_json


class Stopwatch(keras.callbacks.Callback):
    """Seconds of work on a run, kept in `file`. A kill loses those since the end of the last epoch.

    Raises ValueError where the file is damaged.
    """

    def __init__(self, file: Path):
        super().__init__()
        self.file = file
        self.before: float = read_json(file, _is_time, "remove it to count from 0") if file.exists() else 0.0
        self.started = time.monotonic()

    @property
    def seconds(self) -> float:
        return self.before + time.monotonic() - self.started

    def save(self) -> None:
        write_json(self.file, round(self.seconds, 1))

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self.save()


def _is_time(value: Any) -> bool:
    return isinstance(value, float) and value >= 0
