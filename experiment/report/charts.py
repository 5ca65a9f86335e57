"""Charts as inline SVG: narrow enough for a phone, and of the page's own colour, light or dark."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Sequence
from itertools import count
from typing import Any

import matplotlib
import numpy as np
from matplotlib.figure import Figure

from ..plots import plain

WIDTH = 4.4  # inches
INK = "#010203"  # becomes the colour of the page's text
STYLE: Any = {
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.size": 8,
    **dict.fromkeys(("text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color", "ytick.color"), INK),
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#888888",
    "grid.alpha": 0.3,
    "legend.frameon": False,
}
MOST_NUMBERED = 12  # classes of a matrix whose cells have numbers

_numbers = count()


def bars(
    labels: Sequence[str],
    values: Sequence[float],
    errors: Sequence[float],
    marks: Sequence[float | None],
    xlabel: str,
    mark: str = "the paper's",
) -> str:
    """Percentages with their errors, one a line with its label above; a hollow mark is the figure to compare with."""

    def draw(axis: Any) -> None:
        places = np.arange(len(labels))
        axis.barh(places, values, 0.34, xerr=errors, color="C0", error_kw={"ecolor": INK, "capsize": 2, "lw": 1})
        known = [(value, place) for value, place in zip(marks, places, strict=True) if value is not None]
        if known:
            axis.plot(*zip(*known, strict=True), "D", color="C1", markerfacecolor="none", markersize=6, label=mark)
            axis.legend(loc="lower right")
        for place, label, value in zip(places, labels, values, strict=True):
            axis.text(0, place - 0.26, f"{plain(label)}: {value:.1f}", va="bottom", fontsize=7.5)
        axis.set_yticks([])
        axis.set_ylim(len(labels) - 0.5, -0.8)
        axis.set_xlim(0, 100)
        axis.set_xlabel(xlabel)

    return _svg(draw, 0.45 * len(labels) + 0.7)


def first_number(figure: str) -> float | None:
    """What a printed figure begins with, to be marked: 84.7 of "84.70 ± 0.54 (table 1)"; None where it does not."""
    found = re.match(r"[\d.]+", figure)
    return float(found[0]) if found else None


def lines(
    series: dict[str, tuple[Sequence[float], Sequence[float], Sequence[float] | None]],
    xlabel: str,
    ylabel: str,
    few: bool = False,
) -> str:
    """Lines by name: x, y, and errors or None. few: the values of x are so few that each is named."""

    def draw(axis: Any) -> None:
        for name, (x, y, errors) in series.items():
            axis.errorbar(x, y, errors, marker="o", markersize=3, capsize=2, lw=1.2, label=plain(name))
        if few:
            axis.set_xticks(sorted({value for x, _, _ in series.values() for value in x}))
        axis.set_xlabel(xlabel)
        axis.set_ylabel(ylabel)
        axis.legend(fontsize=7)

    return _svg(draw, 2.7)


def matrix(counts: np.ndarray, names: Sequence[str], title: str) -> str:
    """Counts (n, n): a row for each true class, a column for each that it was taken for; shade is the row's share."""
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)

    def draw(axis: Any) -> None:
        axis.grid(False)
        # as one picture in place of a path for each of thousands of cells
        axis.pcolormesh(shares, cmap="Blues", vmin=0, vmax=1, rasterized=len(names) > MOST_NUMBERED)
        if len(names) <= MOST_NUMBERED:
            for (row, column), number in np.ndenumerate(counts):
                colour = "white" if shares[row, column] > 0.5 else "black"
                axis.text(column + 0.5, row + 0.5, str(number), ha="center", va="center", fontsize=6, color=colour)
        ticks = np.arange(len(names)) + 0.5
        axis.set_xticks(ticks, list(map(plain, names)), rotation=90, fontsize=6)
        axis.set_yticks(ticks, list(map(plain, names)), fontsize=6)
        axis.invert_yaxis()
        axis.set_aspect("equal")
        axis.set_xlabel("taken for")
        axis.set_title(plain(title), fontsize=8)

    return _svg(draw, WIDTH)


def _svg(draw: Callable[[Any], None], height: float) -> str:
    """The drawing as an SVG element, whose ids no other chart of the page has."""
    file = io.StringIO()
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(WIDTH, height), layout="constrained")
        draw(figure.subplots())
        nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
        figure.savefig(file, format="svg", transparent=True, metadata=nothing)
    text = file.getvalue()
    text = text[text.index("<svg") :].replace(INK, "currentColor")
    text = re.sub(r'(<svg[^>]*?) width="[^"]*"', r"\1", text, count=1)
    text = re.sub(r'(<svg[^>]*?) height="[^"]*"', r"\1", text, count=1)
    number = next(_numbers)
    return re.sub(r'(\bid="|href="#|url\(#)', rf"\g<1>chart{number}-", text)
