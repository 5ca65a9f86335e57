"""The meta-step of MAML: python -m latentshot.benchmarks.maml --help"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ..experiment.command_line import errors_as_messages, parse
from .harness import Options, compare, report, write
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
    "max-pool": MamlProblem(downsampling="max_pool"),
    "84x84x3": MamlProblem(side=84, channels=3, filters=32, downsampling="max_pool", inner_lr=0.05),
}
# What is compared: graphs of all tasks and steps take a minute to build, and where two maxima of a pool are equal but
# for rounding, two right libraries give different gradients: seldom in few small images, nearly always in 84x84.
FEWER: dict[str, Any] = {
    "tasks": 2,
    "inner_steps": 2,
    "inner_lr": 0.01,
    "side": 28,
    "n_way": 2,
    "n_query": 1,
    "filters": 16,
}


def main() -> None:
    with errors_as_messages():
        options = parse(Options, __doc__)
        figures = {}
        for name, problem in PROBLEMS.items():
            compared = compare(PEERS, problem, options.steps, checked=replace(problem, **FEWER))
            figures[name] = report(f"MAML, {name}", problem, compared)
        write(options.json_file, figures)


if __name__ == "__main__":
    main()
