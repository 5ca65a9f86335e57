"""A command of the library, as a process of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from ...experiment.recipe import Options
from ...experiment.reproduction import arguments_of

BIN = Path(__file__).parents[2] / "bin"


def run_command(name: str, options: Options, run_dir: Path) -> None:
    """bin/NAME.py with the options, in that run directory. Raises CalledProcessError where it fails."""
    words = [*arguments_of(options), "--run-dir", str(run_dir)]
    subprocess.run([sys.executable, str(BIN / f"{name}.py"), *words], check=True)
