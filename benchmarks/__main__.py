"""All benchmarks, one after the other: python -m latentshot.benchmarks --help"""

from __future__ import annotations

import json
import platform
import subprocess
import sys
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import psutil

from ..experiment.command_line import errors_as_messages, parse
from ..experiment.versions import versions
from ..training.files import write_json

STEPS = ("generators", "encoding", "stream", "maml", "protonets", "evaluation", "glico", "classifier")
SUITES = (*STEPS, "tasks", "augmentation", "startup", "growth")
PACKAGES = ("tensorflow", "keras", "numpy", "torch", "jax")


@dataclass(frozen=True)
class Options:
    folder: Path = Path("runs/bench")
    """Where the figures of each are written, and the picture of the growth."""


def main() -> None:
    with errors_as_messages():
        folder = parse(Options, __doc__).folder
        folder.mkdir(parents=True, exist_ok=True)
        figures: dict[str, Any] = {"machine": machine()}
        partial = folder / "bench.partial.json"
        for suite in SUITES:
            figures[suite] = _run(suite, folder)
            write_json(partial, figures)
        partial.replace(folder / "bench.json")  # whole, or the one of before
        print(f"everything is under {folder}")


def _run(suite: str, folder: Path) -> dict[str, Any]:
    """The figures of a suite, run in a process of its own. Raises RuntimeError where it fails."""
    file = folder / f"{suite}.json"
    command = [sys.executable, "-m", f"latentshot.benchmarks.{suite}", "--json-file", str(file)]
    command += ["--picture", str(folder / "growth.png")] if suite == "growth" else []
    if subprocess.run(command).returncode:
        raise RuntimeError(f"the benchmark {suite} failed: {' '.join(command)}")
    return json.loads(file.read_text(encoding="utf-8"))


def machine() -> dict[str, str]:
    """What the figures were measured on, and when."""
    found = {"date": f"{datetime.now(timezone.utc):%Y-%m-%d}", "python": platform.python_version()}
    found |= {
        "processor": _processor(),
        "cores": str(psutil.cpu_count(logical=False)),
        "threads": str(psutil.cpu_count()),
    }
    return found | versions(PACKAGES)


def _processor() -> str:
    """The model's name where Linux tells it."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


if __name__ == "__main__":
    main()
