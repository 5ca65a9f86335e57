"""The picture of predictions: the examples of each class, and the queries that were taken for it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ...datasets.image_store import Images
from ...experiment.plots import plain, save_figure
from .prediction_score import NONE, UNKNOWN

EXAMPLES, QUERIES = 4, 8  # of a class
MOST_ROWS = 40  # a picture has 65,536 pixels a side at most
CAPTION = 0.45  # the room below an image, in its height
RIGHT, WRONG, NEITHER = "tab:green", "tab:red", "black"
LONGEST_NAME = 16


def save_predictions(
    path: Path,
    support: tuple[np.ndarray, np.ndarray],
    queries: Images,
    files: list[str],
    class_names: list[str],
    labels: np.ndarray,
    probabilities: np.ndarray,
    truth: np.ndarray,
) -> None:
    """A row a class: some of its examples, then the queries that were taken for it, the surest first, each with its
    probability and its file; green where right and red where wrong, with the true class. Of many classes those that
    the most queries were taken for.

    support: images, uint8 (n, height, width, channels), and their labels (n,). queries: images, uint8.
    labels: the answers, len(class_names) for NONE, which has a row of its own. truth: their classes, or UNKNOWN.
    """
    sureness = probabilities.max(axis=1)
    n_answers = max(len(class_names), labels.max(initial=0) + 1)
    counts = np.bincount(labels, minlength=n_answers)
    shown = np.sort(np.argsort(-counts, kind="stable")[:MOST_ROWS]).tolist()
    n_rows = len(shown)
    height, width = queries.shape[1:3]
    figure = Figure(figsize=(0.9 * (EXAMPLES + QUERIES + 0.5), 1.35 * n_rows + 0.6), layout="constrained")
    axis = figure.subplots()
    for row, answer in enumerate(shown):
        examples = np.flatnonzero(support[1] == answer)[:EXAMPLES]
        for column, image in enumerate(support[0][examples]):
            _draw(axis, image, row, column)
        members = np.flatnonzero(labels == answer)
        members = members[np.argsort(-sureness[members], kind="stable")][:QUERIES]
        for column, (i, image) in enumerate(zip(members, queries[members], strict=True)):
            is_wrong = truth[i] not in (answer, UNKNOWN)
            caption = (
                f"{sureness[i]:.0%}" * (answer < len(class_names)) + f"\nis {_short(class_names[truth[i]])}" * is_wrong
            )
            colour = WRONG if is_wrong else RIGHT if truth[i] == answer else NEITHER
            _draw(axis, image, row, EXAMPLES + 0.5 + column, f"{caption}\n{_short(Path(files[i]).name)}", colour)
    axis.set_xlim(-0.05, EXAMPLES + 0.5 + QUERIES)
    axis.set_ylim(n_rows * (1 + CAPTION), -0.05)
    axis.set_aspect(height / width)
    axis.set_xticks([EXAMPLES / 2, EXAMPLES + 0.5 + QUERIES / 2], ["examples", "taken for it, the surest first"])
    axis.xaxis.tick_top()
    answers = [*class_names, NONE]
    names = [plain(f"{_short(answers[answer])} ({counts[answer]})") for answer in shown]
    if n_rows < n_answers:
        axis.set_xlabel(f"the {n_rows} of {n_answers} classes that the most queries were taken for")
    axis.set_yticks((1 + CAPTION) * np.arange(n_rows) + 0.5, names)
    axis.tick_params(length=0)
    axis.spines[:].set_visible(False)
    save_figure(figure, path)


def _draw(axis: Axes, image: np.ndarray, row: int, column: float, caption: str = "", colour: str = NEITHER) -> None:
    """The image in a cell of width and height 1."""
    top = row * (1 + CAPTION)
    shown = np.repeat(image, 3, axis=-1) if image.shape[-1] == 1 else image
    axis.imshow(shown, extent=(column, column + 0.95, top + 0.95, top), interpolation="nearest", aspect="auto")
    axis.text(column + 0.475, top + 1.0, plain(caption), ha="center", va="top", fontsize=6, color=colour)


def _short(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else f"…{name[1 - LONGEST_NAME :]}"
