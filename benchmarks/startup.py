"""Seconds from the start of Python to the end of the first MAML step: python -m latentshot.benchmarks.startup --help"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tabulate import tabulate

from ..experiment.command_line import errors_as_messages, parse
from .harness import Candidate, able, stored, write
from .maml import PEERS
from .maml_problem import MamlProblem


@dataclass(frozen=True)
class Options:
    repeats: int = 1
    """Starts of each candidate, in turns."""
    json_file: Path | None = None
    """Where the figures are written too."""


def main() -> None:
    with errors_as_messages():
        options = parse(Options, __doc__)
        names = able(PEERS)
        seconds = np.array([[_first_step(name) for name in names] for _ in range(options.repeats)])
        columns = ("Python, s", "imports, s", "model and first step, s", "first step after, s")
        rows = [
            {"candidate": name, **dict(zip(columns, map(float, medians), strict=True))}
            for name, medians in zip(names, np.median(seconds, axis=0), strict=True)
        ]
        print("\nFrom the start of Python to the end of the first MAML step (stride), imports and compilation included")
        print(tabulate(rows, headers="keys", floatfmt=".1f"), flush=True)
        write(options.json_file, {"rows": rows})


def _first_step(name: str) -> tuple[float, float, float, float]:
    """Seconds until Python runs the worker, of its imports, of building, compiling and the first step; of all."""
    with stored(MamlProblem()) as file:
        start = time.perf_counter()
        candidate = Candidate(name, "timed", file)
        seconds = time.perf_counter() - start
        candidate.close()
    imports, ended = candidate.first["imports"], candidate.first["first_step"]
    return seconds - ended, imports, ended - imports, seconds


if __name__ == "__main__":
    main()
