"""Adapting to test tasks: python -m latentshot.benchmarks.evaluation --help"""

from __future__ import annotations

from dataclasses import replace

from ..experiment.command_line import errors_as_messages, parse
from .harness import Options, compare, report, write
from .maml_problem import EvaluationProblem

PEERS = {
    "evaluation_latentshot": "tensorflow",
    "evaluation_tensorflow_loop": "tensorflow",
    "evaluation_torch_loop": "torch",
}
PROBLEMS = {
    "1-shot": EvaluationProblem(),
    "5-shot": EvaluationProblem(k_shot=5),
    "max-pool, 1-shot": EvaluationProblem(downsampling="max_pool"),
}
CHECKED_STEPS = 3  # fifty at a rate of 0.4 make a last bit that differs into a digit


def main() -> None:
    with errors_as_messages():
        options = parse(Options, __doc__)
        figures = {}
        for name, problem in PROBLEMS.items():
            compared = compare(PEERS, problem, options.steps, checked=replace(problem, inner_steps=CHECKED_STEPS))
            figures[name] = report(f"evaluation of {problem.tasks} tasks, {name}", problem, compared)
        write(options.json_file, figures)


if __name__ == "__main__":
    main()
