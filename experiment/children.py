"""Commands that a command runs: they end with it, however it ends."""

from __future__ import annotations

import ctypes
import signal
import subprocess
import sys
from pathlib import Path

PATIENCE = 10  # seconds that a child has to end by itself


def run_child(command: list[str], log: Path) -> int:
    """Runs the command with its output in the log, and returns its exit status.

    SIGTERM and Ctrl-C end the child before this process (`interruption.py`). On Linux SIGKILL does so too: the kernel
    ends the child.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            preexec_fn=_die_with_parent if sys.platform == "linux" else None,
        )
        try:
            return child.wait()
        finally:
            if child.poll() is None:
                child.terminate()
                try:
                    child.wait(PATIENCE)
                except subprocess.TimeoutExpired:  # an interruption that comes inside of a library may be lost there
                    child.kill()
                    child.wait()


def _die_with_parent() -> None:
    """prctl(PR_SET_PDEATHSIG, SIGKILL): https://man7.org/linux/man-pages/man2/pr_set_pdeathsig.2const.html"""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)
