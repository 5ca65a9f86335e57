"""How the cost of MAML's meta-step grows with its sizes: python -m latentshot.benchmarks.growth --help"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from tabulate import tabulate

from ..experiment.command_line import errors_as_messages, parse
from ..experiment.plots import save_figure
from .harness import WARM_UP, Candidate, Options, stored, write
from .maml_problem import MamlProblem

BASE = MamlProblem()
# One size at a time, the others as in BASE.
SIZES: dict[str, tuple[int, ...]] = {
    "inner_steps": (1, 2, 5, 10, 20),
    "tasks": (1, 2, 4, 8, 16, 32),
    "n_way": (2, 5, 10, 20, 50),
    "side": (28, 84),
}
LABELS = {"n_way": "ways", "side": "pixels a side"}


@dataclass(frozen=True)
class GrowthOptions(Options):
    steps: int = 5
    """Steps that are timed at each size."""
    picture: Path | None = None
    """Where the picture is written."""


def main() -> None:
    with errors_as_messages():
        options = parse(GrowthOptions, __doc__)
        rows = [_row(name, size, order, options.steps) for name, size, order in _points()]
        print(f"\nMAML's meta-step, one size changed at a time ({BASE})")
        print(tabulate(rows, headers="keys", floatfmt=".3f"), flush=True)
        write(options.json_file, {"rows": rows})
        if options.picture:
            _picture(options.picture, rows)


def _points() -> list[tuple[str, int, str]]:
    points = [(name, size, "second") for name, sizes in SIZES.items() for size in sizes]
    return [*points, *[("inner_steps", size, "first") for size in SIZES["inner_steps"]]]


def _row(name: str, size: int, order: str, steps: int) -> dict[str, Any]:
    changed: dict[str, Any] = {name: size, "first_order": order == "first"}
    problem = replace(BASE, **changed)
    with stored(problem) as file:
        candidate = Candidate("maml_latentshot", "timed", file)
        seconds = [candidate.step() for _ in range(WARM_UP + steps)][WARM_UP:]
        peak = candidate.close()
    return {
        "size": name,
        "value": size,
        "order": order,
        "step, s": float(np.median(seconds)),
        "first step after, s": candidate.first["first_step"],
        "peak memory, MiB": peak,
        "GFLOP": problem.flops() / 1e9,
    }


def _picture(path: Path, rows: list[dict[str, Any]]) -> None:
    """A panel for each size, both axes logarithmic."""
    figure = Figure(figsize=(3 * len(SIZES), 2.8), layout="constrained")
    for axes, name in zip(figure.subplots(1, len(SIZES), sharey=True), SIZES, strict=True):
        for order in ("second", "first"):
            points = [(row["value"], row["step, s"]) for row in rows if (row["size"], row["order"]) == (name, order)]
            if points:
                axes.loglog(*zip(*points, strict=True), marker="o", label=f"{order} order")
        axes.set_xlabel(LABELS.get(name, name.replace("_", " ")))
        axes.set_xticks(SIZES[name], map(str, SIZES[name]))
        axes.minorticks_off()
    ticks = [0.03, 0.1, 0.3, 1]
    figure.axes[0].set_yticks(ticks, map(str, ticks))
    figure.axes[0].set_ylabel("seconds a meta-step")
    figure.axes[0].legend()
    save_figure(figure, path)


if __name__ == "__main__":
    main()
