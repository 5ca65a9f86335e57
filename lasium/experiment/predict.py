"""Classifies a folder of images with an exported learner."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from tabulate import tabulate

from ...datasets.class_folders import class_files, images_under
from ...datasets.image_files import read_images, report_skipped_files
from ...datasets.image_store import Images, obtain_images
from ...experiment.text import csv_cell, printable
from ...training.checksums import check_files
from .prediction_picture import save_predictions
from .prediction_score import UNKNOWN, report_score, true_labels

AT_ONCE = 200  # queries that are classified together
LINES = 40  # of the table that is printed


@dataclass(frozen=True)
class Predictions:
    """files: of the queries, (n,). images: uint8 (n, height, width, channels). probabilities: (n, n_classes).

    support_images, support_labels: of the examples, as `images`, and (n_support,).
    """

    files: list[Path]
    images: Images
    class_names: list[str]
    probabilities: np.ndarray
    support_images: np.ndarray
    support_labels: np.ndarray

    @property
    def labels(self) -> np.ndarray:
        return self.probabilities.argmax(axis=1)


def predict_folder(export: Path, support: Path, query: Path, out: Path, invert: bool = False) -> Predictions:
    """Prints a table, and leaves predictions.csv and predictions.png in the folder `out`.

    Where folders of the queries bear the classes' names, they are scored too (`prediction_score.py`).
    Raises ValueError for no export of a few-shot learner, folders without images, a class without a readable example,
    and more classes than the learner can tell.
    """
    learner = load_export(export)
    queries = [path for path in images_under(_folder(query)) if out not in path.parents]  # an earlier picture
    if not queries:
        raise ValueError(f"{query} holds no image: no file of a known image type at any depth")
    predictions = predict(learner, class_files(_folder(support)), queries, invert)
    out.mkdir(parents=True, exist_ok=True)
    names = predictions.class_names
    files = [str(file.relative_to(query)) for file in predictions.files]
    truth = true_labels(predictions.files, query, names)
    _write_csv(out / "predictions.csv", predictions, files, truth)
    examples = predictions.support_images, predictions.support_labels
    save_predictions(
        out / "predictions.png", examples, predictions.images, files, names, predictions.probabilities, truth
    )
    print(_table(predictions, files))
    print(report_score(out, files, names, predictions.labels, truth, predictions.probabilities))
    print(f"everything is under {out}")
    return predictions


def load_export(path: Path) -> Any:
    """The SavedModel of a run or of its folder `export`. Raises ValueError for what is no few-shot learner."""
    folder = path / "export" if (path / "export").is_dir() else path
    if not (folder / "saved_model.pb").is_file():
        raise ValueError(f"{folder} is no exported learner: name a run of bin/train_meta.py that has finished")
    remedy = "export it again: remove the run's results.json and repeat its command with --resume"
    check_files(folder, remedy)
    try:
        learner = tf.saved_model.load(str(folder))
    except Exception as error:  # TensorFlow raises many kinds for a damaged file
        reason = str(error).partition("\n")[0]
        raise ValueError(f"{folder} is damaged, for it cannot be loaded ({reason}); {remedy}") from error
    if not hasattr(learner, "adapt_and_predict"):
        raise ValueError(f"{folder} is no few-shot learner, for it has no adapt_and_predict")
    return learner


def predict(learner: Any, examples: dict[str, list[Path]], queries: list[Path], invert: bool = False) -> Predictions:
    """The learner, adapted to the examples of each class, on the images of the queries, in their order.

    Queries are classified AT_ONCE at a time, mixed: MAML may normalize them by the statistics of those beside them.
    """
    (height, width, channels), n_way = _image_shape_and_ways(learner)
    if len(examples) < 2:
        raise ValueError(f"only one class, {next(iter(examples))!r}: there is nothing to classify")
    if n_way is not None and len(examples) > n_way:
        raise ValueError(
            f"{len(examples)} classes were given; this learner tells {n_way} at most: train one with "
            f"--n-way {len(examples)}, or with --learner protonets, which tells any number"
        )
    names = sorted(examples)
    support = read_images([f for name in names for f in examples[name]], (height, width), channels, True, "support")
    report_skipped_files(support, "support")
    labels = np.repeat(np.arange(len(names), dtype=np.int32), [len(examples[name]) for name in names])[support.read]
    missing = np.setdiff1d(np.arange(len(names)), labels)
    if len(missing):
        raise ValueError(f"class {names[missing[0]]!r} has no example that can be read")
    images, found = obtain_images(queries, (height, width), channels, "query")
    report_skipped_files(found, "query")
    probabilities = np.zeros((len(images), len(names)), np.float32)
    n_parts = -(-len(images) // AT_ONCE)
    for first in range(n_parts):
        part = _pixels(images[first::n_parts], invert)
        answers = learner.adapt_and_predict(_pixels(support.images, invert), labels, part).numpy()
        probabilities[first::n_parts] = answers[:, : len(names)]  # a head may have outputs that no class was given to
    if not np.isfinite(probabilities).all():
        raise FloatingPointError("the learner gives probabilities that are not finite: it, or an image, is damaged")
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    files = [path for path, read in zip(queries, found.read, strict=True) if read]
    return Predictions(files, images, names, probabilities, support.images, labels)


def _folder(path: Path) -> Path:
    if not path.is_dir():
        raise ValueError(f"no folder at {path}")
    return path


def _image_shape_and_ways(learner: Any) -> tuple[tuple[int, int, int], int | None]:
    """What the learner takes, and how many classes it tells; None for any number."""
    function = learner.adapt_and_predict.concrete_functions[0]
    images = function.structured_input_signature[0][0]
    return tuple(images.shape[1:]), function.structured_outputs.shape[-1]


def _pixels(images: np.ndarray, invert: bool) -> tf.Tensor:
    pixels = tf.constant(images, tf.float32) / 255.0
    return 1.0 - pixels if invert else pixels


def _write_csv(path: Path, predictions: Predictions, files: list[str], truth: np.ndarray) -> None:
    """One line a query: its file, the class, its probability, the probabilities of all classes; where known, the true
    class."""
    known = bool((truth != UNKNOWN).any())
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        names = [csv_cell(name) for name in predictions.class_names]
        writer.writerow(["file", "class", "probability", *names] + ["true class"] * known)
        for file_name, label, row, true in zip(
            files, predictions.labels, predictions.probabilities, truth, strict=True
        ):
            rounded = [f"{p:.4f}" for p in row]
            last = ["" if true == UNKNOWN else names[true]] * known
            writer.writerow([csv_cell(file_name), names[label], rounded[label], *rounded, *last])


def _table(predictions: Predictions, files: list[str]) -> str:
    lines = [
        [printable(file), printable(predictions.class_names[label]), f"{row[label]:.0%}"]
        for file, label, row in zip(files, predictions.labels, predictions.probabilities, strict=True)
    ]
    table = tabulate(lines[:LINES], headers=["file", "class", "probability"], disable_numparse=True)
    return table + f"\nand {len(lines) - LINES} more in predictions.csv" * (len(lines) > LINES)
