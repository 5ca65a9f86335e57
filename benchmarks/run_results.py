"""What `benchmarks.runs` has measured as a table, and a chart of where the time goes."""

from __future__ import annotations

from typing import Any

from matplotlib.figure import Figure
from tabulate import tabulate

CALLED = {"latentshot": "latentshot", "torch": "PyTorch"}


def run_table(figures: dict[str, Any], tablefmt: str = "simple") -> str:
    """Of one run: a line for each phase, one for all of them, then the accuracies; others as multiples of the first."""
    ours, *others = figures["rows"]
    seconds = {row["candidate"]: {**row["times"], "all": row["seconds"]} for row in figures["rows"]}
    flops = {**figures["flops"], "all": sum(figures["flops"].values())}
    lines = []
    for phase, of_ours in seconds[ours["candidate"]].items():
        share = flops[phase] / of_ours / figures["machine_peak"]
        line = {"phase": phase, _called(ours): f"{of_ours:.1f} s", "share of peak": f"{share:.0%}" if share else ""}
        for row in others:
            theirs = seconds[row["candidate"]][phase]
            line[_called(row)] = f"{theirs:.1f} s, {theirs / of_ours:.2f}x"
        lines.append(line)
    for name in ours["accuracy"]:
        accuracies = {_called(row): f"{row['accuracy'][name]:.2f} %" for row in figures["rows"]}
        lines.append({"phase": f"accuracy, {name}", **accuracies})
    return tabulate(lines, headers="keys", tablefmt=tablefmt, disable_numparse=True)


def run_chart(runs: dict[str, dict[str, Any]]) -> Figure:
    """A panel for each run, a bar for each candidate, of its phases one after the other."""
    figure = Figure(figsize=(8, 1.9 * len(runs)), layout="constrained")
    for axes, (title, figures) in zip(figure.subplots(len(runs), squeeze=False)[:, 0], runs.items(), strict=True):
        names = [_called(row) for row in figures["rows"]]
        ends = [0.0] * len(names)
        for phase in figures["rows"][0]["times"]:
            minutes = [row["times"][phase] / 60 for row in figures["rows"]]
            axes.barh(names, minutes, left=ends, label=phase)
            ends = [end + part for end, part in zip(ends, minutes, strict=True)]
        axes.invert_yaxis()
        axes.set_title(title, loc="left", fontsize="medium")
        axes.set_xlabel("minutes")
        axes.spines[["top", "right"]].set_visible(False)
        axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), fontsize="small", frameon=False)
    return figure


def _called(row: dict[str, Any]) -> str:
    return CALLED[row["candidate"].partition("_")[2]]
