"""Commands that a command runs: they end with it, however it ends."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path

from .interruption import interruptions_held

PATIENCE = 10  # seconds that a child has to end by itself


def run_child(command: list[str], log: Path | None = None, environment: dict[str, str] | None = None) -> int:
    """Runs the command with its output in the log, or where this process has its own, and returns its exit status.

    environment: variables that the command has beside this process's.
    SIGTERM and Ctrl-C end the child before this process (`interruption.py`). On Linux SIGKILL does so too: the kernel
    ends the child.
    """
    if log:
        log.parent.mkdir(parents=True, exist_ok=True)
    child = None
    try:
        with log.open("ab") if log else nullcontext() as output, interruptions_held():
            child = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT if log else None,
                env=os.environ | (environment or {}),
                preexec_fn=_die_with_parent if sys.platform == "linux" else None,
            )
        return child.wait()
    finally:
        if child and child.poll() is None:
            child.terminate()
            try:
                child.wait(PATIENCE)
            except subprocess.TimeoutExpired:  # an interruption that comes inside of a library may be lost there
                child.kill()
                child.wait()


def _die_with_parent() -> None:
    """prctl(PR_SET_PDEATHSIG, SIGKILL): https://man7.org/linux/man-pages/man2/pr_set_pdeathsig.2const.html"""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)
