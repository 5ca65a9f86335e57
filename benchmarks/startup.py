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
    repeats: int = 3
    """Starts of each candidate, in turns."""
    json_file: Path | None = None
    """Where the figures are written too."""


def main() -> None:
    with errors_as_messages():
        options = parse(Options, __doc__)
        names = able(PEERS)
        starts = [[_first_step(name) for name in names] for _ in range(options.repeats)]
        rows = [
            {"candidate": name, **{column: float(np.median([row[column] for row in of_one])) for column in of_one[0]}}
            for name, of_one in zip(names, zip(*starts, strict=True), strict=True)
        ]
        print("\nFrom the start of Python to the end of the first MAML step (stride), imports and compilation included")
        print(tabulate(rows, headers="keys", floatfmt=".1f"), flush=True)
        write(options.json_file, {"rows": rows})


def _first_step(name: str) -> dict[str, float]:
    """Seconds until Python runs the worker, of its imports, of building, compiling and the first step, and of all."""
    with stored(MamlProblem()) as file:
        start = time.time()
        candidate = Candidate(name, "timed", file)
        candidate.close()
    python = candidate.first["started"] - start
    imports, ended = candidate.first["imports"], candidate.first["first_step"]
    return {
        "Python, s": python,
        "imports, s": imports,
        "model and first step, s": ended - imports,
        "first step after, s": python + ended,
        "memory after imports, MiB": candidate.first["imported_mebibytes"],
    }


if __name__ == "__main__":
    main()
