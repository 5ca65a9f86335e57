"""What many devices would make of each step, by arithmetic: python -m latentshot.benchmarks.many_devices --help

From `make bench` are taken a step's time, its operations, the size of its gradients and the share of the machine's peak
that it reaches; of a device that is not here the peak, and of the network between devices two figures, both given as
options. Gradients are added up in a ring (Patarasuk and Yuan 2009, https://doi.org/10.1016/j.jpdc.2008.09.002): of n
devices each sends 2 (n - 1) / n times their size in 2 (n - 1) messages.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tabulate import tabulate

from ..experiment.command_line import errors_as_messages, parse
from .harness import write
from .page import measured, works

TRAINED = ("generators", "maml", "protonets", "glico", "classifier")  # whose steps have gradients
PARTS = ("tasks", "batch_size")  # what a step is divided by, as problems name it


@dataclass(frozen=True)
class Options:
    figures: Path = Path("runs/bench/bench.json")
    """What `make bench` wrote."""
    devices: tuple[int, ...] = (1, 2, 4, 8, 32)
    """How many there are."""
    tflops: float | None = None
    """The peak of one in float32, 1e12 operations a second; default: this machine's, as measured."""
    gigabits: float = 10.0
    """What the network between two carries, 1e9 bits a second."""
    microseconds: float = 50.0
    """What a message takes however small it is."""
    json_file: Path | None = None
    """Where the figures are written too."""

    def __post_init__(self):
        for name in ("tflops", "gigabits", "microseconds"):
            if (value := getattr(self, name)) is not None and value <= 0:
                raise ValueError(f"{name} is {value:g}; it must be positive")
        if any(n < 1 for n in self.devices):
            raise ValueError(f"devices is {min(self.devices)}; there must be one or more")


@dataclass(frozen=True)
class Step:
    """A step as it was measured. parts: the tasks or images that devices can share. share: of the machine's peak."""

    name: str
    flops: float
    gradient_bytes: float
    parts: int
    share: float

    def seconds(self, options: Options, peak: float, n: int, batches: int = 1) -> tuple[float, float]:
        """Of computing and of exchanging gradients, on n devices, of a batch that many times as large."""
        device = (options.tflops * 1e12 if options.tflops else peak) * self.share
        ring = 2 * (n - 1) * (self.gradient_bytes / n / (options.gigabits * 1e9 / 8) + options.microseconds * 1e-6)
        return batches * self.flops / n / device, ring


def main() -> None:
    with errors_as_messages():
        options = parse(Options, __doc__)
        rows = [row for step, peak in _steps(measured(options.figures)) for row in _rows(step, peak, options)]
        print(tabulate(rows, headers="keys", floatfmt=".3g"), flush=True)
        write(options.json_file, {"rows": rows})


def _steps(figures: dict[str, Any]) -> list[tuple[Step, float]]:
    """Each with the machine's peak while it was measured."""
    steps = []
    for name, found in works({suite: figures.get(suite, {}) for suite in TRAINED}).items():
        ours, peak = found["rows"][0], found["machine_peak"]
        if "gradient_mebibytes" not in ours:
            raise ValueError("the figures are of an older version, without gradients: run `make bench` again")
        parts = next(found["problem"][part] for part in PARTS if part in found["problem"])
        share = found["flops"] / ours["median_seconds"] / peak
        steps.append((Step(name, found["flops"], ours["gradient_mebibytes"] * 2**20, parts, share), peak))
    return steps


def _rows(step: Step, peak: float, options: Options) -> list[dict[str, Any]]:
    """For each number of devices: the step as it is where it can be shared, and a batch that grows with the devices."""
    rows = []
    for n in options.devices:
        compute, exchange = step.seconds(options, peak, n)
        alone, _ = step.seconds(options, peak, 1)
        grown_compute, _ = step.seconds(options, peak, n, batches=n)
        shared = step.parts % n == 0
        rows.append(
            {
                "step": step.name,
                "gradients, MiB": step.gradient_bytes / 2**20,
                "devices": n,
                "computing, ms": 1e3 * compute if shared else None,
                "exchange, ms": 1e3 * exchange,
                "times as fast": alone / (compute + exchange) if shared else None,
                "on a batch as many times as large": n * alone / (grown_compute + exchange),
            }
        )
    return rows


if __name__ == "__main__":
    main()
