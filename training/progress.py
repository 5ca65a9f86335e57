"""Progress bars with an estimate of the time left."""

from __future__ import annotations

import sys
import time
from typing import Any

import keras
from tqdm import tqdm

FIRST_STEPS, MEASURED_STEPS = 2, 5
LONG = 3600.0  # seconds that are announced

_last: list[tqdm] = []


def place() -> str:
    """Where the last bar stands, as in `training the vae, 40 of 190 it`; empty where there was none."""
    return f"{_last[0].desc}, {_last[0].n} of {_last[0].total} {_last[0].unit}" if _last else ""


def progress_bar(total: int, description: str, unit: str, initial: int = 0) -> tqdm:
    """A tqdm bar; where the output is no terminal, such as a log, it prints every ten seconds at most."""
    interval = 0.1 if sys.stderr.isatty() else 10.0
    bar = tqdm(total=total, initial=initial, desc=description, unit=unit, mininterval=interval, dynamic_ncols=True)
    _last[:] = [bar]
    return bar


class _Progress(keras.callbacks.Callback):
    if_killed = ""

    def __init__(
        self, total: int, description: str, unit: str, initial: int = 0, names_shown: dict[str, str] | None = None
    ):
        super().__init__()
        self.total, self.bar = total, progress_bar(total, description, unit, initial)
        self.names_shown = names_shown or {}
        self.validation: dict[str, Any] = {}
        self.n_seen, self.since = 0, 0.0

    def advance(self, logs: dict[str, Any] | None) -> None:
        metrics = {**(logs or {}), **self.validation}
        shown = {self.names_shown.get(name, name): f"{float(value):.4g}" for name, value in metrics.items()}
        self.bar.set_postfix(shown, refresh=False)
        self.bar.update()
        self._announce_if_long()

    def _announce_if_long(self) -> None:
        """Says so early where hours lie ahead; the first steps, which trace and compile, do not count."""
        self.n_seen += 1
        if self.n_seen == FIRST_STEPS:
            self.since = time.monotonic()
        elif self.n_seen == FIRST_STEPS + MEASURED_STEPS:
            seconds = (time.monotonic() - self.since) / MEASURED_STEPS * (self.total - self.bar.n)
            if seconds > LONG:
                hours = f"about {seconds / 3600:.1f} hours on this machine"
                self.bar.write(f"{self.bar.desc}: {hours}{self.if_killed}", file=sys.stderr)


class TrainingProgress(_Progress):
    """One bar over all steps of a fit, with the metrics so far and the last validation's. Validation does not move it.

    names_shown: what a metric is called; by default its own name.
    """

    if_killed = "; killed, it goes on with --resume"

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        self.advance(logs)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self.validation = {name: value for name, value in (logs or {}).items() if name.startswith("val_")}

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        self.bar.close()


class EvaluationProgress(_Progress):
    """One bar over all batches of an evaluate."""

    def on_test_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        self.advance(logs)

    def on_test_end(self, logs: dict[str, Any] | None = None) -> None:
        self.bar.close()
