"""The step of ProtoNets: python -m latentshot.benchmarks.protonets --help"""

from __future__ import annotations

from dataclasses import replace

from ..experiment.command_line import errors_as_messages, parse
from .harness import Options, compare, report, write
from .protonets_problem import STRONG, ProtoNetsProblem

PEERS = {"protonets_latentshot": "tensorflow", "protonets_torch": "torch"}
PROBLEMS = {"5-way": ProtoNetsProblem(), "64-way, every image in turn": STRONG}


def main() -> None:
    with errors_as_messages():
        options = parse(Options, __doc__)
        figures = {}
        for name, problem in PROBLEMS.items():
            few = replace(problem, n_way=5, tasks=1)  # among many images some ReLU is so near 0 that rounding turns it
            compared = compare(PEERS, problem, options.steps, checked=few)
            figures[name] = report(f"ProtoNets, {name}", problem, compared)
        write(options.json_file, figures)


if __name__ == "__main__":
    main()
