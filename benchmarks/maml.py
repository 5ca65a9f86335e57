"""The meta-step of MAML: python -m latentshot.benchmarks.maml --help"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from ..experiment.command_line import errors_as_messages, parse
from .harness import compare, machine_peak, table
from .maml_problem import MamlProblem

PEERS = {
    "maml_latentshot": "tensorflow",
    "maml_tensorflow_loop": "tensorflow",
    "maml_torch_loop": "torch",
    "maml_torch_vmap": "torch",
    "maml_jax": "jax",
}
# The rows of the goals.
PROBLEMS = {
    "stride": MamlProblem(),
    "max_pool": MamlProblem(downsampling="max_pool"),
    "mini-imagenet": MamlProblem(side=84, channels=3, filters=32, downsampling="max_pool", inner_lr=0.05),
}


@dataclass(frozen=True)
class Options:
    steps: int = 30
    """Steps that are timed of each candidate."""
    json_file: Path | None = None
    """Where the figures are written too."""


def main() -> None:
    with errors_as_messages():
        options = parse(Options, __doc__)
        figures = {}
        for name, problem in PROBLEMS.items():
            rows = compare(PEERS, problem, options.steps)
            peak = machine_peak()
            print(f"\nMAML, {name}: {asdict(problem)}, machine {peak / 1e9:.0f} GFLOP/s")
            print(table(rows, problem.flops(), peak), flush=True)
            figures[name] = {"problem": asdict(problem), "flops": problem.flops(), "machine_peak": peak, "rows": rows}
        if options.json_file:
            options.json_file.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
