"""The step of a classifier on real and sampled images: python -m latentshot.benchmarks.classifier --help"""

from __future__ import annotations

from ..experiment.command_line import errors_as_messages, parse
from .classifier_problem import ClassifierProblem
from .harness import Options, compare, report, write

PEERS = {"classifier_latentshot": "tensorflow", "classifier_torch": "torch"}
PROBLEMS = {"wrn-16-4": ClassifierProblem(), "wrn-16-4, batch of 32": ClassifierProblem(batch_size=32)}


def main() -> None:
    with errors_as_messages():
        options = parse(Options, __doc__)
        # no two libraries draw alike
        without_chance = ClassifierProblem(batch_size=8, p=0.0, augmented=False, shift=3.0)
        figures = {}
        for name, problem in PROBLEMS.items():
            compared = compare(PEERS, problem, options.steps, checked=without_chance)
            figures[name] = report(f"classifier, half of its images sampled, {name}", problem, compared)
        write(options.json_file, figures)


if __name__ == "__main__":
    main()
