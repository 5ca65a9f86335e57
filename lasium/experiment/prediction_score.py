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
from ...training.files import whole_file

UNKNOWN = -1
NONE = "none of these"
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

    files: of the queries, as they are to be shown. labels: the answers (n,), len(class_names) for NONE, which is wrong
    of a query whose class is known, and has a column of its own. truth: (n,). probabilities: (n, n_classes).
    Queries whose class is UNKNOWN are not counted. Empty, with nothing written, where all are.
    """
    known = np.flatnonzero(truth != UNKNOWN)
    if not len(known):
        return ""
    answers = [*class_names, *[NONE] * bool((labels[known] == len(class_names)).any())]
    matrix = confusion_matrix(truth[known], labels[known], labels=np.arange(len(answers)))[: len(class_names)]
    is_none = labels == len(class_names)
    sureness = np.where(is_none, 0.0, probabilities.max(axis=1))
    wrong = known[labels[known] != truth[known]]
    wrong = wrong[np.argsort(-sureness[wrong], kind="stable")]
    errors = [
        [files[i], class_names[truth[i]], answers[labels[i]], "" if is_none[i] else f"{sureness[i]:.4f}"] for i in wrong
    ]
    _write_csv(out / "confusion.csv", ["true class", *answers], _rows(matrix, class_names))
    _write_csv(out / "errors.csv", ERROR_COLUMNS, errors)
    _save_matrix(out / "confusion.png", matrix, answers)
    return "\n".join(_lines(matrix, answers, errors, len(truth) - len(known)))


ERROR_COLUMNS = ["file", "true class", "class", "probability"]
MOST_NAMED = 40  # answers of the matrix's picture: its time and memory grow with their square


def _lines(matrix: np.ndarray, answers: list[str], errors: list[list[str]], n_unknown: int) -> list[str]:
    n_right, n = int(np.trace(matrix)), int(matrix.sum())
    lines = [f"right: {n_right} of {n}, {100 * n_right / n:.1f} %"]
    if n_unknown:
        lines[0] += f" ({n_unknown} others are not counted: they lie in no folder of a class's name, or are examples)"
    if answers[len(matrix) :]:
        lines += [f"{matrix[:, -1].sum()} of them were taken for {NONE}, which counts as wrong"]
    names = [printable(name) for name in answers]
    table = tabulate(_rows(matrix, names), headers=["true \\ predicted", *names], disable_numparse=True)
    lines += ["", table]
    if errors:
        cells = [[printable(cell) for cell in error] for error in errors[:LINES]]
        shown = tabulate(cells, headers=ERROR_COLUMNS, disable_numparse=True)
        lines += ["", "errors, the surest first:", shown]
    return lines + [f"and {len(errors) - LINES} more in errors.csv"] * (len(errors) > LINES)


def _rows(matrix: np.ndarray, names: list[str]) -> list[list[str]]:
    return [[name, *map(str, row)] for name, row in zip(names[: len(matrix)], matrix, strict=True)]


def _write_csv(path: Path, header: list[str], rows: list[list[str]]) -> None:
    with whole_file(path) as part, part.open("w", newline="", encoding="utf-8", errors="surrogateescape") as file:
        csv.writer(file).writerows([[csv_cell(cell) for cell in row] for row in (header, *rows)])


def _save_matrix(path: Path, matrix: np.ndarray, answers: list[str]) -> None:
    """Of many answers without their names and numbers, which confusion.csv has.

    matrix: (n_classes, n_answers).
    """
    is_large = len(answers) > MOST_NAMED
    side = 1.5 + 0.45 * min(len(answers), MOST_NAMED)
    figure = Figure(figsize=(side + 1, side), layout="constrained")
    axis = figure.subplots()
    square = np.pad(matrix, ((0, len(answers) - len(matrix)), (0, 0)))  # scikit-learn draws no others
    display = ConfusionMatrixDisplay(square, display_labels=[plain(name) for name in answers])
    display.plot(ax=axis, cmap="Blues", colorbar=is_large, include_values=not is_large, xticks_rotation="vertical")
    axis.set_ylim(len(matrix) - 0.5, -0.5)
    if is_large:
        axis.set(xticks=[], yticks=[])
    else:
        for number in display.text_[len(matrix) :].ravel():
            number.remove()
    save_figure(figure, path)
