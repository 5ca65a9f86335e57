"""How many predictions are right, where the folders of the queries bear the classes' names."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from sklearn.metrics import ConfusionMatrixDisplay, confusion_matrix
from tabulate import tabulate

from ...experiment.plots import plain, save_figure
from ...experiment.text import csv_cell, printable

UNKNOWN = -1
LINES = 20  # of the errors that are printed


def true_labels(queries: list[Path], root: Path, class_names: list[str]) -> np.ndarray:
    """Of each query the class that the innermost folder of that name says, (n,) int; UNKNOWN in no such folder."""
    labels = {name: label for label, name in enumerate(class_names)}
    folders = [reversed(query.relative_to(root).parts[:-1]) for query in queries]
    return np.array([next((labels[name] for name in names if name in labels), UNKNOWN) for names in folders], int)


def report_score(
    out: Path,
    files: list[str],
    class_names: list[str],
    labels: np.ndarray,
    truth: np.ndarray,
    probabilities: np.ndarray,
) -> str:
    """Accuracy, confusion matrix and errors as text; leaves confusion.csv, confusion.png and errors.csv in `out`.

    files: of the queries, as they are to be shown. labels, truth: (n,). probabilities: (n, n_classes).
    Queries whose class is UNKNOWN are not counted. Empty, with nothing written, where all are.
    """
    known = np.flatnonzero(truth != UNKNOWN)
    if not len(known):
        return ""
    matrix = confusion_matrix(truth[known], labels[known], labels=np.arange(len(class_names)))
    wrong = known[labels[known] != truth[known]]
    wrong = wrong[np.argsort(-probabilities[wrong, labels[wrong]], kind="stable")]
    errors = [
        [files[i], class_names[truth[i]], class_names[labels[i]], f"{probabilities[i, labels[i]]:.4f}"] for i in wrong
    ]
    _write_csv(out / "confusion.csv", ["true class", *class_names], _rows(matrix, class_names))
    _write_csv(out / "errors.csv", ERROR_COLUMNS, errors)
    _save_matrix(out / "confusion.png", matrix, class_names)
    return "\n".join(_lines(matrix, class_names, errors, len(truth) - len(known)))


ERROR_COLUMNS = ["file", "true class", "class", "probability"]


def _lines(matrix: np.ndarray, class_names: list[str], errors: list[list[str]], n_unknown: int) -> list[str]:
    n_right, n = int(np.trace(matrix)), int(matrix.sum())
    lines = [f"right: {n_right} of {n}, {100 * n_right / n:.1f} %"]
    if n_unknown:
        lines[0] += f" ({n_unknown} images lie in no folder of a class's name and are not counted)"
    names = [printable(name) for name in class_names]
    table = tabulate(_rows(matrix, names), headers=["true \\ predicted", *names], disable_numparse=True)
    lines += ["", table]
    if errors:
        cells = [[printable(cell) for cell in error] for error in errors[:LINES]]
        shown = tabulate(cells, headers=ERROR_COLUMNS, disable_numparse=True)
        lines += ["", "errors, the surest first:", shown]
    return lines + [f"and {len(errors) - LINES} more in errors.csv"] * (len(errors) > LINES)


def _rows(matrix: np.ndarray, class_names: list[str]) -> list[list[str]]:
    return [[name, *map(str, row)] for name, row in zip(class_names, matrix, strict=True)]


def _write_csv(path: Path, header: list[str], rows: list[list[str]]) -> None:
    with path.open("w", newline="", encoding="utf-8", errors="surrogateescape") as file:
        csv.writer(file).writerows([[csv_cell(cell) for cell in row] for row in (header, *rows)])


def _save_matrix(path: Path, matrix: np.ndarray, class_names: list[str]) -> None:
    side = 1.5 + 0.45 * len(class_names)
    figure = Figure(figsize=(side + 1, side), layout="constrained")
    display = ConfusionMatrixDisplay(matrix, display_labels=[plain(name) for name in class_names])
    display.plot(ax=figure.subplots(), cmap="Blues", colorbar=False, xticks_rotation="vertical")
    save_figure(figure, path)
