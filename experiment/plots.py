"""Pictures of a run."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from .run_directory import Row


def save_image_sheet(
    path: Path, images: np.ndarray, titles: list[str], row_labels: list[str], gap_after: int | None = None
) -> None:
    """A grid of images, (rows, columns, height, width, channels) in [0, 1]; one channel is shown as ink on paper.

    titles: one for the columns up to gap_after, one for those behind it. row_labels: one a row.
    """
    rows, columns, height, width, channels = images.shape
    if channels == 1:
        images = 1.0 - np.repeat(images, 3, axis=-1)
    blocks = [images] if gap_after is None else [images[:, :gap_after], images[:, gap_after:]]
    figure = Figure(figsize=(0.5 * columns + 1.6, 0.5 * rows + 0.5), layout="constrained")
    axes = figure.subplots(1, len(blocks), width_ratios=[block.shape[1] for block in blocks], squeeze=False)[0]
    for axis, block, title in zip(axes, blocks, titles, strict=True):
        sheet = np.ones((rows, block.shape[1], height + 2, width + 2, 3))
        sheet[:, :, 1:-1, 1:-1] = np.clip(block, 0.0, 1.0)
        axis.imshow(sheet.transpose(0, 2, 1, 3, 4).reshape(rows * (height + 2), -1, 3))
        axis.set_title(title, fontsize=9)
        axis.set_xticks([])
        axis.set_yticks([])
    axes[0].set_yticks((np.arange(rows) + 0.5) * (height + 2), row_labels, fontsize=8)
    _save(figure, path)


def save_curves(path: Path, history: list[dict[str, float]], steps_per_epoch: int) -> None:
    """The metrics of every epoch over the iterations: losses and accuracies side by side, validation dashed."""
    names = [name for name in history[0] if not name.endswith("ci95")]
    panels = [[n for n in names if "accuracy" not in n], [n for n in names if "accuracy" in n]]
    panels = [panel for panel in panels if panel]
    figure = Figure(figsize=(4.5 * len(panels), 3), layout="constrained")
    steps = steps_per_epoch * np.arange(1, len(history) + 1)
    for axis, panel in zip(figure.subplots(1, len(panels), squeeze=False)[0], panels, strict=True):
        for name in panel:
            style = "--" if name.startswith("val_") else "-"
            axis.plot(steps, [row[name] for row in history], style, marker=".", label=name.replace("_", " "))
        axis.set_xlabel("iteration")
        axis.set_ylabel("accuracy, %" if "accuracy" in panel[0] else "loss")
        axis.legend(fontsize=8)
        axis.grid(alpha=0.3)
    _save(figure, path)


def save_results(path: Path, rows: list[Row]) -> None:
    """Accuracies with their 95 % intervals, one line a result, by shots."""
    figure = Figure(figsize=(7, 0.35 * len(rows) + 0.9), layout="constrained")
    axis = figure.subplots()
    for place, row in enumerate(rows):
        axis.barh(place, row["accuracy"], xerr=row["ci95"], color=f"C{row['k_shot'] % 10}", alpha=0.7, capsize=2)
        axis.text(1, place, f"{row['accuracy']:.1f} ± {row['ci95']:.1f}", va="center", fontsize=8)
    labels = [_label(row) for row in rows]
    if len(set(labels)) < len(labels):
        labels = [f"{label}\n{row['options']}" for label, row in zip(labels, rows, strict=True)]
    axis.set_yticks(range(len(rows)), labels, fontsize=8)
    axis.invert_yaxis()
    axis.set_xlim(0, 100)
    axis.set_xlabel("accuracy, %, with 95 % interval")
    _save(figure, path)


def _label(row: Row) -> str:
    split = "" if row["split"] == "test" else f" {row['split']}"
    return f"{row['method']}, {row['dataset']}{split}, {row['n_way']}-way {row['k_shot']}-shot"


def _save(figure: Figure, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=120)
