"""Classifies a folder of images with an exported learner."""

from __future__ import annotations

import csv
import sys
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np
from tabulate import tabulate

from ...datasets.class_folders import class_files, images_under, real_paths
from ...datasets.image_files import read_images, report_skipped_files
from ...datasets.image_store import Images, obtain_images
from ...estimators.few_shot import FewShotClassifier
from ...estimators.load import load_learner
from ...experiment.text import csv_cell, printable
from ...training.files import check_room, whole_file
from .prediction_picture import save_predictions
from .prediction_score import NONE, UNKNOWN, report_score, true_labels

LINES = 40  # of the table that is printed
WRITTEN = ("predictions.csv", "predictions.png", "confusion.csv", "confusion.png", "errors.csv")


@dataclass(frozen=True)
class Predictions:
    """files: of the queries, (n,). images: uint8 (n, height, width, channels). probabilities: (n, n_classes).

    support_images, support_labels: of the examples, as `images`, and (n_support,).
    none_of_these: whether a query belongs to no class, (n,); None of a learner without a threshold for it.
    """

    files: list[Path]
    images: Images
    class_names: list[str]
    probabilities: np.ndarray
    support_images: np.ndarray
    support_labels: np.ndarray
    none_of_these: np.ndarray | None = None

    @property
    def labels(self) -> np.ndarray:
        """The likeliest class of each query, (n,)."""
        return self.probabilities.argmax(axis=1)

    @property
    def answers(self) -> np.ndarray:
        """`labels`, but len(class_names) of queries that are none of these."""
        if self.none_of_these is None:
            return self.labels
        return np.where(self.none_of_these, len(self.class_names), self.labels)


def predict_folder(export: Path, support: Path, query: Path, out: Path, invert: bool = False) -> Predictions:
    """Prints a table, and leaves predictions.csv and predictions.png in the folder `out`.

    Where folders of the queries bear the classes' names, they are scored too (`prediction_score.py`).
    Raises ValueError for no export of a few-shot learner, folders without images, a class without a readable example,
    and more classes than the learner can tell.
    """
    check_room(out, 1e6)
    learner = load_export(export, invert)
    own = [(out / name).resolve() for name in WRITTEN]  # by an earlier call
    queries = [path for path in images_under(_folder(query)) if path.resolve() not in own]
    if not queries:
        raise ValueError(f"{query} holds no image: no file of a known image type at any depth")
    examples = {
        name: [path for path in paths if path.resolve() not in own]
        for name, paths in class_files(_folder(support)).items()
    }
    predictions = predict(learner, {name: paths for name, paths in examples.items() if paths}, queries)
    for file in own:  # all of them, for what a full disk lets be written would lie among others of an earlier call
        file.unlink(missing_ok=True)
    names = predictions.class_names
    files = [str(file.relative_to(query)) for file in predictions.files]
    truth = true_labels(predictions.files, query, names)
    truth[_are_examples(predictions.files, examples)] = UNKNOWN  # right by heart
    _write_csv(out / "predictions.csv", predictions, files, truth)
    shown = predictions.support_images, predictions.support_labels
    answers, probabilities = predictions.answers, predictions.probabilities
    save_predictions(out / "predictions.png", shown, predictions.images, files, names, answers, probabilities, truth)
    print(_table(predictions, files))
    print(report_score(out, files, names, answers, truth, probabilities))
    print(f"everything is under {out}")
    return predictions


def load_export(path: Path, invert: bool = False) -> FewShotClassifier:
    """The few-shot learner of a run or of its folder `export`. Raises ValueError for what is none."""
    learner = load_learner(path, invert)
    if not isinstance(learner, FewShotClassifier):
        raise ValueError(f"{path} is no few-shot learner, for its classifier knows its classes: it needs no support")
    return learner


def predict(learner: FewShotClassifier, examples: dict[str, list[Path]], queries: list[Path]) -> Predictions:
    """The learner, adapted to the examples of each class, on the images of the queries, in their order."""
    names = sorted(examples)
    learner.check_number_of(names)
    size, channels = learner.image_shape[:2], learner.image_shape[2]
    support = read_images([f for name in names for f in examples[name]], size, channels, True, "support")
    report_skipped_files(support, "support")
    labels = np.repeat(names, [len(examples[name]) for name in names])[support.read]
    missing = np.setdiff1d(names, labels)
    if len(missing):
        raise ValueError(f"class {str(missing[0])!r} has no example that can be read")
    images, found = obtain_images(queries, size, channels, "query")
    report_skipped_files(found, "query")
    learner.fit(support.images, labels)
    probabilities, none = learner.answers(images)
    files = [path for path, read in zip(queries, found.read, strict=True) if read]
    return Predictions(
        files,
        images,
        names,
        probabilities,
        support.images,
        np.searchsorted(names, labels).astype(np.int32),
        none if learner.is_calibrated else None,
    )


def _folder(path: Path) -> Path:
    if path.is_file():
        raise ValueError(f"{path} is a file: name the folder it lies in")
    if not path.is_dir():
        raise ValueError(f"no folder at {path}")
    return path


def _are_examples(queries: list[Path], examples: dict[str, list[Path]]) -> np.ndarray:
    """Which queries (n,) are examples too, once links are followed. Prints how many."""
    learned = set(real_paths(chain.from_iterable(examples.values())))
    shared = np.array([place in learned for place in real_paths(queries)], bool)
    if shared.any():
        print(f"queries that are examples too, and are not scored: {shared.sum()}", file=sys.stderr)
    return shared


def _write_csv(path: Path, predictions: Predictions, files: list[str], truth: np.ndarray) -> None:
    """One line a query: its file, the class, its probability, the probabilities of all classes; where known, the true
    class."""
    known = bool((truth != UNKNOWN).any())
    with whole_file(path) as part, part.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        names = [csv_cell(name) for name in predictions.class_names]
        heads = ["file", "class", "probability", *_none_column(predictions), *names]
        writer.writerow(heads + ["true class"] * known)
        for i, (file_name, label, true) in enumerate(zip(files, predictions.labels, truth, strict=True)):
            rounded = [f"{p:.4f}" for p in predictions.probabilities[i]]
            last = ["" if true == UNKNOWN else names[true]] * known
            answer = [names[label], rounded[label], *_none_column(predictions, i)]
            writer.writerow([csv_cell(file_name), *answer, *rounded, *last])


def _none_column(predictions: Predictions, i: int | None = None) -> list[str]:
    """Of query i; the head of the column for None. There is no column where there is no threshold."""
    if predictions.none_of_these is None:
        return []
    return [NONE] if i is None else ["yes" if predictions.none_of_these[i] else ""]


def _table(predictions: Predictions, files: list[str]) -> str:
    lines = [
        [
            printable(file),
            printable(predictions.class_names[label]),
            f"{predictions.probabilities[i, label]:.0%}",
            *_none_column(predictions, i),
        ]
        for i, (file, label) in enumerate(zip(files, predictions.labels, strict=True))
    ]
    headers = ["file", "class", "probability", *_none_column(predictions)]
    table = tabulate(lines[:LINES], headers=headers, disable_numparse=True)
    return table + f"\nand {len(lines) - LINES} more in predictions.csv" * (len(lines) > LINES)
