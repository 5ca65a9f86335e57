"""Puts the figures of a run of the benchmarks into the documentation, as a table and a chart.

python -m latentshot.benchmarks.page --help
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure
from tabulate import tabulate

from ..experiment.command_line import errors_as_messages, parse
from ..experiment.plots import save_figure
from .run_results import run_chart, run_table

BEGIN, END = "<!-- benchmarks: begin -->", "<!-- benchmarks: end -->"
COMPARED = {
    "generators": "generator",
    "encoding": "encoding",
    "stream": "stream",
    "maml": "MAML",
    "protonets": "ProtoNets",
    "evaluation": "evaluation",
    "glico": "GLICO",
    "classifier": "classifier",
}
# Peers as a column and as bars: the end of a candidate's name, and what it is called.
PEERS = {
    "torch_loop": "PyTorch",
    "torch": "PyTorch",
    "torch_vmap": "torch.func.vmap",
    "torch_cached": "PyTorch, features kept",
    "jax": "JAX",
    "tensorflow_loop": "TensorFlow, loop",
}


@dataclass(frozen=True)
class Options:
    figures: Path = Path("runs/bench/bench.json")
    """What `make bench` wrote."""
    page: Path = Path("docs/results/speed.md")
    """The file in which the table is replaced."""
    chart: Path = Path("docs/benchmarks.png")
    """Where the chart is written."""
    runs: Path = Path("runs/bench/runs.json")
    """What `make bench-runs` wrote, if it was run."""
    runs_chart: Path = Path("docs/benchmarks-runs.png")
    """Where the chart of it is written."""


def main() -> None:
    with errors_as_messages():
        options = parse(Options, __doc__)
        figures = measured(options.figures)
        missing = {*COMPARED, "startup"} - set(figures)
        if missing:
            raise ValueError(
                f"{options.figures} lacks {', '.join(sorted(missing))}: `make bench` was not run to its end"
            )
        runs = json.loads(options.runs.read_text(encoding="utf-8")) if options.runs.is_file() else {}
        text = with_table(options.page.read_text(encoding="utf-8"), figures, runs)
        save_figure(chart(figures), options.chart)
        if not runs:
            print(f"{options.runs} is not there (`make bench-runs` writes it): the page has no tables of whole runs")
        else:
            save_figure(run_chart(runs), options.runs_chart)
        options.page.write_text(text, encoding="utf-8")


def measured(file: Path) -> dict[str, Any]:
    """The figures that `make bench` wrote. Raises ValueError where they are not there."""
    if not file.is_file():
        raise ValueError(f"{file} is not there: `make bench` writes it")
    return json.loads(file.read_text(encoding="utf-8"))


def with_table(text: str, figures: dict[str, Any], runs: dict[str, Any] | None = None) -> str:
    """The text with what stands between the marks replaced. Raises ValueError where it has no marks.

    runs: whole ones, by name, as `benchmarks.runs` writes them.
    """
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the page has no lines {BEGIN} and {END} to put the table between")
    parts = [_machine(figures["machine"]), table(figures)]
    for name, run in (runs or {}).items():
        parts += [f"From nothing to the result, {name}:", run_table(run, "github")]
    whole = "\n\n".join(parts)
    return f"{before}{BEGIN}\n{whole}\n{END}{after}"


def works(figures: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The figures of each comparison by its name: "MAML, stride"."""
    return {
        f"{title}, {name}": figures[suite][name] for suite, title in COMPARED.items() for name in figures.get(suite, {})
    }


def table(figures: dict[str, Any]) -> str:
    """In Markdown: our milliseconds and peak memory, the others' as multiples of them; seconds to the first step."""
    lines = []
    for name, work in works(figures).items():
        ours, *others = work["rows"]
        share = work["flops"] / ours["median_seconds"] / work["machine_peak"]
        step = f"{1e3 * ours['median_seconds']:.0f} ms, {share:.0%} of peak, {ours['peak_mebibytes']:.0f} MiB"
        line = {"a step of": name, "latentshot": step}
        for row in others:
            memory = row["peak_mebibytes"] / ours["peak_mebibytes"]
            line[_peer(row["candidate"])] = f"{row['ratio']:.2f}x, {memory:.2f}x"
        lines.append(line)
    seconds = {row["candidate"]: f"{row['first step after, s']:.1f} s" for row in figures["startup"]["rows"]}
    line = {"a step of": "start to MAML's first step", "latentshot": seconds.pop("maml_latentshot")}
    lines.append(line | {_peer(candidate): value for candidate, value in seconds.items()})
    peers = dict.fromkeys(PEERS.values())  # each once
    columns = ["a step of", "latentshot", *[peer for peer in peers if any(peer in line for line in lines)]]
    cells = [[line.get(column, "") for column in columns] for line in lines]
    return tabulate(cells, columns, tablefmt="github", disable_numparse=True)


def chart(figures: dict[str, Any]) -> Figure:
    """A bar for each peer: how many times our time it takes, to the right where it is the slower one."""
    compared = works(figures)
    figure = Figure(figsize=(8, 0.22 * sum(len(work["rows"]) + 1 for work in compared.values())), layout="constrained")
    axes = figure.subplots()
    colours = {peer: f"C{number}" for number, peer in enumerate(PEERS.values())}
    place, labels = 0, []
    for name, work in compared.items():
        others = work["rows"][1:]
        labels.append((place + (len(others) - 1) / 2, name))
        for row in others:
            low, _, high = row["pair_quartiles"]
            ratio, peer = row["ratio"], _peer(row["candidate"])
            axes.barh(place, ratio - 1, left=1, color=colours[peer])
            axes.hlines(place, low, high, color="black")
            axes.text(1.03 * max(high, ratio, 1), place, f"{peer} {ratio:.2f}", va="center", fontsize="small")
            place += 1
        place += 1
    axes.axvline(1.0, color="black", linewidth=1)
    axes.set_xscale("log")
    ticks = [0.5, 1, 2, 5, 10]
    axes.set_xticks(ticks, map(str, ticks))
    axes.set_xticks([], minor=True)
    axes.set_xlim(right=2 * axes.get_xlim()[1])  # room for the names
    axes.set_yticks([at for at, _ in labels], [name for _, name in labels])
    axes.tick_params(axis="y", length=0)
    axes.margins(y=0.01)
    axes.invert_yaxis()
    axes.set_xlabel("time of a step, as a multiple of latentshot's (of medians; lines: quartiles of turn by turn)")
    axes.spines[["top", "right"]].set_visible(False)
    return figure


def _peer(candidate: str) -> str:
    return PEERS[candidate.partition("_")[2]]


def _machine(machine: dict[str, str]) -> str:
    packages = ", ".join(f"{name} {machine[name]}" for name in ("tensorflow", "torch", "jax") if name in machine)
    return f"{machine['date']}, {machine['processor']}, {machine['threads']} threads, {packages}:"


if __name__ == "__main__":
    main()
