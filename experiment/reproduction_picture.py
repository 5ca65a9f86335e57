"""The picture of a reproduction: the paper's figures and ours, with their intervals, or ours over sizes of samples."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from .plots import Curve, plain, save_by_size, save_figure
from .recipe import Recipe
from .result_tables import Table

MARKERS = {"paper": "o", "ours": "D"}


def save_reproduction(path: Path, recipe: Recipe, table: Table) -> None:
    """A line for each row, a panel for each column; hollow is the paper's, filled ours. Of a curve ours alone."""
    if recipe.is_curve:
        save_by_size(path, _curves(recipe, table), recipe.columns[0].quantity)
    else:
        _save_panels(path, recipe, table)


def _save_panels(path: Path, recipe: Recipe, table: Table) -> None:
    rows = table["rows"]
    figure = Figure(figsize=(3.2 + 3.0 * len(recipe.columns), 0.3 * len(rows) + 1.2), layout="constrained")
    panels = figure.subplots(1, len(recipe.columns), sharey=True, squeeze=False)[0]
    for axis, column in zip(panels, recipe.columns, strict=True):
        for who, offset in (("paper", -0.15), ("ours", 0.15)):
            _draw(axis, rows, f"{column.title} {who}", offset, who)
        axis.set_title(column.title, fontsize=9)
        axis.set_xlabel(column.quantity)
        axis.grid(alpha=0.3, axis="x")
    panels[0].set_yticks(range(len(rows)), [plain(row["method"]) for row in rows], fontsize=7)
    panels[0].invert_yaxis()
    figure.suptitle(plain(table["title"]), fontsize=9)
    beside = dict.fromkeys(filter(None, (row.get(recipe.beside) for row in rows)))
    if beside:
        figure.supxlabel(plain(f"{recipe.beside}: {'; '.join(beside)}"), fontsize=8)
    handles, labels = panels[0].get_legend_handles_labels()
    if handles:
        figure.legend(handles, labels, loc="outside upper right", ncols=2, fontsize=8)
    save_figure(figure, path)


def _curves(recipe: Recipe, table: Table) -> dict[str, Curve]:
    """Our figures over the columns' sizes, of each row that has some."""
    curves: dict[str, Curve] = {}
    for row in table["rows"]:
        known = [column for column in recipe.columns if row.get(f"{column.title} ours") is not None]
        if known:
            curves[row["method"]] = (
                [column.where["samples_per_class"] for column in known],
                [row[f"{column.title} ours"] for column in known],
                [row.get(f"{column.title} ours ±") or 0.0 for column in known],
            )
    return curves


def _draw(axis: Any, rows: list[dict[str, Any]], key: str, offset: float, who: str) -> None:
    known = [(place, row) for place, row in enumerate(rows) if row.get(key) is not None]
    if not known:
        return
    axis.errorbar(
        [row[key] for _, row in known],
        [place + offset for place, _ in known],
        xerr=[row.get(f"{key} ±") or 0.0 for _, row in known],
        fmt=MARKERS[who],
        color="C0" if who == "paper" else "C1",
        markerfacecolor="white" if who == "paper" else None,
        markersize=4,
        capsize=2,
        label=who,
    )
