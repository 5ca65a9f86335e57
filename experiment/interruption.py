"""Ctrl-C and SIGTERM: one line and the usual exit status, once what was begun has been cleaned up."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from .first_moments import SIGNALS


@contextmanager
def interruptions_as_messages(remedy: str = "") -> Iterator[None]:
    """Ends the process with 128 + the signal's number (130, 143) after one line. remedy: what the line says to do.

    What the block has begun is unwound first, by KeyboardInterrupt; a second signal ends the process at once.
    """
    received: list[int] = []

    def note(number: int, frame: FrameType | None) -> None:
        if received:
            os._exit(128 + number)
        received.append(number)
        if not _Hold.is_on:
            raise KeyboardInterrupt
        _Hold.has_come = True

    before = {number: signal.signal(number, note) for number in SIGNALS}
    try:
        yield
    except BaseException:  # TensorFlow turns a KeyboardInterrupt inside of its callbacks into an error of its own
        if not received:
            raise
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if received:
        print(f"\ninterrupted{_where()}{remedy and f'; {remedy}'}", file=sys.stderr, flush=True)
        sys.stdout.flush()
        os._exit(128 + received[0])  # without waiting for threads that still read or compute


class _Hold:
    is_on = has_come = False


@contextmanager
def interruptions_held() -> Iterator[None]:
    """An interruption of the block comes at its end. In the hooks that Python runs when it forks it would be lost."""
    _Hold.is_on, _Hold.has_come = True, False
    try:
        yield
    finally:
        _Hold.is_on = False
    if _Hold.has_come:
        raise KeyboardInterrupt


def _where() -> str:
    """The place of the last progress bar, if the work has come so far."""
    progress = sys.modules.get("latentshot.training.progress")
    return f" at {progress.place()}" if progress and progress.place() else ""
