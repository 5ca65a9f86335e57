"""The steps of the generators: python -m latentshot.benchmarks.generators --help"""

from __future__ import annotations

from dataclasses import replace

from ..experiment.command_line import errors_as_messages, parse
from .harness import Options, compare, report, write
from .msgan_problem import MsganProblem
from .vae_problem import VaeProblem

VAE_PEERS = {"vae_latentshot": "tensorflow", "vae_torch": "torch"}
MSGAN_PEERS = {"msgan_latentshot": "tensorflow", "msgan_torch": "torch"}


def main() -> None:
    with errors_as_messages():
        options = parse(Options, __doc__)
        vae, msgan = VaeProblem(), MsganProblem()
        # among many images some ReLU is so near 0 that rounding turns it over
        compared_vaes = compare(VAE_PEERS, vae, options.steps, checked=replace(vae, batch_size=8))
        compared_msgans = compare(MSGAN_PEERS, msgan, options.steps, checked=replace(msgan, batch_size=4))
        figures = {
            f"VAE, batch of {vae.batch_size}": report("the VAE's step", vae, compared_vaes),
            f"MSGAN, batch of {msgan.batch_size}": report("the MSGAN's step", msgan, compared_msgans),
        }
        write(options.json_file, figures)


if __name__ == "__main__":
    main()
