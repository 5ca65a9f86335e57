"""Which operations take the time of a step: python -m latentshot.benchmarks.operations --help

Shares of the time that TensorFlow's profiler (https://www.tensorflow.org/guide/profiler) counts in operations, of all
threads together.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tabulate import tabulate

from ..experiment.checks import at_least
from ..experiment.command_line import errors_as_messages, parse
from .classifier import PROBLEMS as OF_THE_CLASSIFIER
from .evaluation import PROBLEMS as OF_EVALUATION
from .glico_problem import GlicoProblem
from .harness import Candidate, stored, write
from .maml import PROBLEMS as OF_MAML

WORKS: dict[str, tuple[str, dict[str, Any]]] = {
    "MAML": ("maml_latentshot", OF_MAML),
    "evaluation": ("evaluation_latentshot", OF_EVALUATION),
    "GLICO": ("glico_latentshot", {"five taps": GlicoProblem()}),
    "classifier": ("classifier_latentshot", OF_THE_CLASSIFIER),
}
KINDS = {"convolution": "Conv2D", "normalization": "BatchNorm", "pooling": "MaxPool", "product": "MatMul"}
MOST = 3  # others that are named


@dataclass(frozen=True)
class Options:
    steps: int = 2
    """Steps of each; with many the profiler's account of evaluation takes gigabytes."""
    json_file: Path | None = None
    """Where the figures are written too."""

    def __post_init__(self) -> None:
        at_least(self, 1, "steps")


def main() -> None:
    with errors_as_messages():
        options = parse(Options, __doc__)
        rows = [
            {"a step of": f"{title}, {name}", **_shares(candidate, problem, options.steps)}
            for title, (candidate, problems) in WORKS.items()
            for name, problem in problems.items()
        ]
        print(tabulate(rows, headers="keys"))
        write(options.json_file, {"rows": rows})


def _shares(name: str, problem: Any, steps: int) -> dict[str, str]:
    with stored(problem) as file:
        candidate = Candidate(name, "timed", file)
        seconds = candidate.operations(steps)
        candidate.close()
    of_kinds = dict.fromkeys(KINDS, 0.0)
    others: dict[str, float] = {}
    for operation, taken in seconds.items():
        kind = next((kind for kind, word in KINDS.items() if word in operation), None)
        if kind:
            of_kinds[kind] += taken
        else:
            others[operation] = taken
    whole = sum(seconds.values())
    shares = {kind: f"{taken / whole:.0%}" for kind, taken in of_kinds.items()}
    largest = sorted(others.items(), key=lambda pair: -pair[1])[:MOST]
    most = ", ".join(f"{operation} {taken / whole:.0%}" for operation, taken in largest)
    return {**shares, "others": f"{sum(others.values()) / whole:.0%}: {most}"}


if __name__ == "__main__":
    main()
