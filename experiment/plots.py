"""Pictures of a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.colors import to_rgba_array
from matplotlib.figure import Figure

from ..training.files import whole_file
from .text import printable

LONGEST = 60  # characters of a line of text
Curve = tuple[Sequence[float], Sequence[float], Sequence[float]]  # where, how high, and the errors


def save_image_sheet(
    path: Path,
    images: np.ndarray,
    titles: list[str],
    row_labels: list[str],
    gap_after: int | Sequence[int] | None = None,
    inverted: bool = False,
    marks: list[float | None] | None = None,
) -> None:
    """A grid of images, (rows, columns, height, width, channels) in [0, 1], of 1 channel or 3.

    titles: one for the columns up to gap_after, or to each of several, one for those behind it. row_labels: one a row.
    inverted: 1 is ink, shown dark on light paper.
    marks: a place in each row, in columns from the middle of the first, that a red line shows; None for none.
    """
    rows, columns, height, width, _ = images.shape
    blocks = [images] if gap_after is None else np.split(images, np.atleast_1d(gap_after), axis=1)
    figure = Figure(figsize=(0.5 * columns + 1.6, 0.5 * rows + 0.5), layout="constrained")
    axes = figure.subplots(1, len(blocks), width_ratios=[block.shape[1] for block in blocks], squeeze=False)[0]
    for axis, block, title in zip(axes, blocks, titles, strict=True):
        axis.imshow(image_sheet(block, inverted))
        axis.set_title(plain(title), fontsize=9)
        axis.set_xticks([])
        axis.set_yticks([])
    for row, place in enumerate(marks or ()):
        if place is not None:
            x, y = (place + 0.5) * (width + 2) - 0.5, row * (height + 2) - 0.5
            axes[0].plot([x, x], [y, y + height + 2], color="red", linewidth=1.5)
    axes[0].set_yticks((np.arange(rows) + 0.5) * (height + 2), list(map(plain, row_labels)), fontsize=8)
    save_figure(figure, path)


def image_sheet(images: np.ndarray, inverted: bool = False, edges: list[str] | None = None) -> np.ndarray:
    """One picture, (height, width, 3), of a grid of images (rows, columns, height, width, 1 or 3 channels) in [0, 1].

    inverted: 1 is ink. edges: a colour for each row; without, the edges are white and a pixel wide.
    """
    rows, columns, height, width, channels = images.shape
    edge = max(2, width // 14) if edges else 1
    sheet = np.ones((rows, columns, height + 2 * edge, width + 2 * edge, 3))
    if edges:
        sheet[:] = to_rgba_array(edges)[:, None, None, None, :3]
    shown = np.repeat(images, 3, axis=-1) if channels == 1 else images
    sheet[:, :, edge:-edge, edge:-edge] = np.clip(1.0 - shown if inverted else shown, 0.0, 1.0)
    return sheet.transpose(0, 2, 1, 3, 4).reshape(rows * sheet.shape[2], -1, 3)


def save_curves(
    path: Path, history: list[dict[str, float]], steps_per_epoch: int, names_shown: dict[str, str] | None = None
) -> None:
    """The metrics of every epoch over the iterations: losses and accuracies side by side, validation dashed.

    names_shown: what the legend calls a metric; by default its own name.
    """
    names = [name for name in history[0] if not name.endswith("ci95")]
    panels = [[n for n in names if not _is_percent(n)], [n for n in names if _is_percent(n)]]
    panels = [panel for panel in panels if panel]
    figure = Figure(figsize=(4.5 * len(panels), 3), layout="constrained")
    steps = steps_per_epoch * np.arange(1, len(history) + 1)
    for axis, panel in zip(figure.subplots(1, len(panels), squeeze=False)[0], panels, strict=True):
        for name in panel:
            style = "--" if name.startswith("val_") else "-"
            axis.plot(
                steps,
                [row[name] for row in history],
                style,
                marker=".",
                label=(names_shown or {}).get(name, name.replace("_", " ")),
            )
        axis.set_xlabel("iteration")
        axis.set_ylabel("accuracy, %" if _is_percent(panel[0]) else "loss")
        axis.legend(fontsize=8)
        axis.grid(alpha=0.3)
    save_figure(figure, path)


def plain(text: str) -> str:
    """Text for matplotlib: a dollar starts a formula, a leading underscore hides an entry of a legend, and a long line
    leaves no room for anything else."""
    lines = [printable(line) for line in text.split("\n")]
    text = "\n".join(line if len(line) <= LONGEST else f"{line[: LONGEST - 20]}…{line[-19:]}" for line in lines)
    return (" " * text.startswith("_") + text).replace("$", r"\$")


def _is_percent(name: str) -> bool:
    return name.removeprefix("val_") in ("accuracy", "top1", "top5")


def told_apart(labels: list[str], rows: list[dict[str, Any]], *keys: str) -> list[str]:
    """The labels of the rows; while two are the same, with what the rows have under one key after the other."""
    for key in keys:
        if len(set(labels)) < len(labels) and any(row.get(key) for row in rows):
            labels = [f"{label}\n{row.get(key, '')}" for label, row in zip(labels, rows, strict=True)]
    return labels


def save_bars(
    path: Path,
    labels: list[str],
    values: list[float],
    errors: list[float],
    groups: list[int],
    xlabel: str,
    marks: dict[str, list[float]] | None = None,
) -> None:
    """Percentages with their errors, one bar a line, top down; bars of a group have one colour.

    marks: names in the legend, each with a value for every bar, shown as a short line across it.
    """
    figure = Figure(figsize=(7, 0.35 * len(labels) + 0.9), layout="constrained")
    axis = figure.subplots()
    right = min(100.0, 1.1 * max(map(sum, zip(values, errors, strict=True)), default=100.0) or 100.0)
    for number, (name, places) in enumerate((marks or {}).items()):
        right = min(100.0, max(right, 1.1 * max(places)))
        heights = np.arange(len(places))
        axis.vlines(places, heights - 0.45, heights + 0.45, ("black", "C3")[number % 2], ":", label=name, zorder=3)
    for place, (value, error, group) in enumerate(zip(values, errors, groups, strict=True)):
        axis.barh(place, value, xerr=error, color=f"C{group % 10}", alpha=0.7, capsize=2)
        axis.text(
            0.01 * right, place, f"{value:.1f} ± {error:.1f}" if error else f"{value:.1f}", va="center", fontsize=8
        )
    axis.set_yticks(range(len(labels)), list(map(plain, labels)), fontsize=8)
    axis.invert_yaxis()
    axis.set_xlim(0, right)
    if marks:
        figure.legend(fontsize=8, loc="outside lower center", ncols=2)
    axis.set_xlabel(xlabel)
    save_figure(figure, path)


def save_figure(figure: Figure, path: Path) -> None:
    """Writes a picture of the kind that the name ends in, whole or not at all, and makes its folder."""
    with whole_file(path) as part:
        figure.savefig(part, dpi=120, bbox_inches="tight")


def save_by_size(path: Path, curves: Mapping[str, Curve], quantity: str) -> None:
    """Curves over the size of the sample, with their errors, by name."""
    figure = Figure(figsize=(7.5, 4.5), layout="constrained")
    axis = figure.subplots()
    for number, (name, (sizes, values, errors)) in enumerate(curves.items()):
        line = axis.errorbar(sizes, values, errors, markersize=4, capsize=2, label=plain(name)).lines[0]
        line.set(marker="osD^vP*X"[number % 8], linestyle=("-", "--")[number // 10 % 2])  # there are ten colours
    sizes = sorted({size for curve in curves.values() for size in curve[0]})
    axis.set_xscale("log")
    axis.set_xticks(sizes, [str(size) for size in sizes])
    axis.minorticks_off()
    axis.set_xlabel("labelled images of each class")
    axis.set_ylabel(quantity)
    axis.grid(alpha=0.3)
    if curves:
        figure.legend(loc="outside right center", fontsize=8)
    save_figure(figure, path)
