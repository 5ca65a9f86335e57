"""The step of latent optimization: python -m latentshot.benchmarks.glico --help"""

from __future__ import annotations

from dataclasses import replace

from ..experiment.command_line import errors_as_messages, parse
from .glico_problem import GlicoProblem
from .harness import Options, compare, report, write

PEERS = {"glico_latentshot": "tensorflow", "glico_torch_cached": "torch", "glico_torch": "torch"}


def main() -> None:
    with errors_as_messages():
        options = parse(Options, __doc__)
        problem = GlicoProblem()
        # no two libraries draw noise alike, and among many images some ReLU is so near 0 that rounding turns it over
        without_noise = replace(problem, batch_size=8, sigma=0.0)
        compared = compare(PEERS, problem, options.steps, checked=without_noise)
        write(options.json_file, {"five taps": report("GLICO, five VGG taps", problem, compared)})


if __name__ == "__main__":
    main()
