"""Progress bars with an estimate of the time left."""

from __future__ import annotations

import sys
from typing import Any

import keras
from tqdm import tqdm


def progress_bar(total: int, description: str, unit: str, initial: int = 0) -> tqdm:
    """A tqdm bar; where the output is no terminal, such as a log, it prints every ten seconds at most."""
    interval = 0.1 if sys.stderr.isatty() else 10.0
    return tqdm(total=total, initial=initial, desc=description, unit=unit, mininterval=interval, dynamic_ncols=True)


class _Progress(keras.callbacks.Callback):
    def __init__(self, total: int, description: str, unit: str, initial: int = 0):
        super().__init__()
        self.bar = progress_bar(total, description, unit, initial)

    def advance(self, logs: dict[str, Any] | None) -> None:
        self.bar.set_postfix({name: f"{float(value):.4g}" for name, value in (logs or {}).items()}, refresh=False)
        self.bar.update()


class TrainingProgress(_Progress):
    """One bar over all steps of a fit, with the metrics so far. Validation does not move it."""

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        self.advance(logs)

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        self.bar.close()


class EvaluationProgress(_Progress):
    """One bar over all batches of an evaluate."""

    def on_test_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        self.advance(logs)

    def on_test_end(self, logs: dict[str, Any] | None = None) -> None:
        self.bar.close()
