"""Ctrl-C and SIGTERM while a command is still importing: one line and the usual status.

The package begins with it. Only in a process that is one of the commands: others keep their own handlers.
"""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM)
_BIN = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", "bin"))


def take_signals() -> None:
    """From here until `interruption.py` takes over nothing has been begun that had to be unwound."""
    if _is_command((getattr(sys, "argv", None) or [""])[0]):
        for number in SIGNALS:
            signal.signal(number, _end)


def _is_command(program: str) -> bool:
    """Is it a script of bin/, or one that pip made of it?"""
    is_script = os.path.isfile(program) and os.path.dirname(os.path.realpath(program)) == _BIN
    return is_script or os.path.basename(program) in {
        f"latentshot-{name.removesuffix('.py').replace('_', '-')}" for name in os.listdir(_BIN)
    }


def _end(number: int, frame: FrameType | None) -> None:
    os.write(2, b"\ninterrupted at the start\n")
    os._exit(128 + number)
