"""How long a run has taken, over all of its sessions."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import keras

from .files import write_json


class Stopwatch(keras.callbacks.Callback):
    """Seconds of work on a run, kept in `file`. A kill loses those since the end of the last epoch."""

    def __init__(self, file: Path):
        super().__init__()
        self.file = file
        self.before: float = json.loads(file.read_text(encoding="utf-8")) if file.exists() else 0.0
        self.started = time.monotonic()

    @property
    def seconds(self) -> float:
        return self.before + time.monotonic() - self.started

    def save(self) -> None:
        write_json(self.file, round(self.seconds, 1))

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self.save()
