"""Adapting to test tasks: python -m latentshot.benchmarks.evaluation --help"""

from __future__ import annotations

from dataclasses import replace

from ..experiment.command_line import errors_as_messages, parse
from ..lasium.evaluation import TASKS_AT_ONCE
from .harness import Options, compare, report, write
from .maml_problem import MamlProblem

PEERS = {
    "evaluation_latentshot": "tensorflow",
    "evaluation_tensorflow_loop": "tensorflow",
    "evaluation_torch_loop": "torch",
}
_TASKS = MamlProblem(n_query=15, tasks=TASKS_AT_ONCE, inner_steps=50, first_order=True)
PROBLEMS = {"1-shot": _TASKS, "5-shot": replace(_TASKS, k_shot=5)}
CHECKED_STEPS = 3  # fifty at a rate of 0.4 make a last bit that differs into a digit


def main() -> None:
    with errors_as_messages():
        options = parse(Options, __doc__)
        figures = {}
        for name, problem in PROBLEMS.items():
            rows = compare(PEERS, problem, options.steps, checked=replace(problem, inner_steps=CHECKED_STEPS))
            figures[name] = report(f"evaluation, {name}", problem, rows)
        write(options.json_file, figures)


if __name__ == "__main__":
    main()
