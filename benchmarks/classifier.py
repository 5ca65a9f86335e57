"""The step of a classifier on real and sampled images: python -m latentshot.benchmarks.classifier --help"""

from __future__ import annotations

from dataclasses import replace

from ..experiment.command_line import errors_as_messages, parse
from .classifier_problem import ClassifierProblem
from .harness import Options, compare, report, write

PEERS = {"classifier_latentshot": "tensorflow", "classifier_torch": "torch"}


def main() -> None:
    with errors_as_messages():
        options = parse(Options, __doc__)
        problem = ClassifierProblem()
        # no two libraries draw alike
        without_chance = replace(problem, batch_size=8, p=0.0, augmented=False, shift=3.0)
        compared = compare(PEERS, problem, options.steps, checked=without_chance)
        write(options.json_file, {"wrn-16-4": report("classifier, half of its images sampled", problem, compared)})


if __name__ == "__main__":
    main()
