"""Encoding a set of images with the VAE: python -m latentshot.benchmarks.encoding --help"""

from __future__ import annotations

from dataclasses import replace

from ..experiment.command_line import errors_as_messages, parse
from .encoding_problem import EncodingProblem
from .harness import Options, compare, report, write

PEERS = {"encoding_latentshot": "tensorflow", "encoding_torch": "torch"}


def main() -> None:
    with errors_as_messages():
        options = parse(Options, __doc__)
        problem = EncodingProblem()
        compared = compare(PEERS, problem, options.steps, checked=replace(problem, n_images=100))
        name = f"{problem.n_images:,} images"
        write(options.json_file, {name: report(f"the VAE encodes {name}", problem, compared)})


if __name__ == "__main__":
    main()
