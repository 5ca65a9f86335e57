"""Rows of bin/train_glico.py compared on the same samples: the difference sample by sample, and what it says in words.

A row of its results has, for every repetition in order, `samples`, which says what images were learned from and
classified, `top1_by_seed` in percent, and `right_by_seed`, which images were taken for what they are.
"""

from __future__ import annotations

import base64
import math
from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from .paired import Difference, comparison_columns, mean_interval
from .result_tables import Table
from .run_directory import Row

NOTE = (
    "Difference: of top-1 accuracies in percent, sample by sample, with its 95 % interval by Student's t; `does not "
    "beat` where that holds 0. With one sample it is over the images classified, or over the trainings where these are "
    "several, and says nothing of another sample. "
    "Images: the half-width of the 95 % interval that the difference has because those are so few, image by image. The "
    "best row, with which the others are compared unless one is named, was found on the same images, which favours it."
)
ALIKE = ("dataset", "split", "samples_per_class")  # rows that differ in these are of other questions
OF_95_PERCENT = 1.96  # standard errors on each side, of as many images


def packed(right: np.ndarray) -> str:
    """Truth values (n,) as a short text."""
    return base64.b64encode(np.packbits(right).tobytes()).decode("ascii")


def unpacked(text: str, n: int) -> np.ndarray:
    """The first n of the text's truth values, as float64 0 and 1."""
    return np.unpackbits(np.frombuffer(base64.b64decode(text), np.uint8))[:n].astype(np.float64)


def standard_error(values: Sequence[float] | np.ndarray) -> float | None:
    """Of the mean; None for a single value."""
    return float(np.std(values, ddof=1) / math.sqrt(len(values))) if len(values) > 1 else None


def image_error(row: Row) -> float | None:
    """The standard error of the row's accuracy that comes from its test images, in points; None where it is not known.

    They are a sample of all images that might have been classified: how often each was right is averaged over the
    repetitions, and varies over the images.
    """
    return _over_images(_rights(row, range(len(row["samples"]))), row)


def image_error_of_difference(row: Row, other: Row) -> float | None:
    """The same of the difference between two rows on the samples of both, image by image."""
    own, theirs = shared_samples(row, other)
    rights, others = _rights(row, own), _rights(other, theirs)
    return None if rights is None or others is None else _over_images(rights - others, row)


def differences(row: Row, other: Row) -> list[float]:
    """Of the top-1 accuracies in points, on every sample of both rows."""
    own, theirs = shared_samples(row, other)
    mine, others = (np.array(each["top1_by_seed"]) for each in (row, other))
    return (mine[own] - others[theirs]).tolist()


def shared_samples(row: Row, other: Row) -> tuple[list[int], list[int]]:
    """Where the samples of both stand in the one and in the other: of one that was drawn twice the first with the
    first, and the second with the second.
    """
    own, theirs = (_occurrences(each["samples"]) for each in (row, other))
    shared = [occurrence for occurrence in own if occurrence in theirs]
    return [own[each] for each in shared], [theirs[each] for each in shared]


def _occurrences(samples: list[str]) -> dict[tuple[str, int], int]:
    """The place of every sample, each with how often it has come before."""
    return {(sample, samples[:number].count(sample)): number for number, sample in enumerate(samples)}


def _rights(row: Row, repetitions: Sequence[int]) -> np.ndarray | None:
    """Which images were right: (repetitions, images). None of no repetition, and where the row
    did not keep it, as in earlier versions.
    """
    if not (repetitions and row.get("right_by_seed")):
        return None
    return np.stack([unpacked(row["right_by_seed"][number], row["images"]) for number in repetitions])


def _over_images(values: np.ndarray | None, row: Row) -> float | None:
    """The standard error of the mean of (repetitions, images), in points."""
    if values is None or values.shape[1] < 2:
        return None
    if row["split"] == "test":  # the same images in every repetition
        return 100.0 * float(np.std(values.mean(axis=0), ddof=1) / math.sqrt(values.shape[1]))
    # those of validation are partly the same, wholly where few are left: no more certain than the images of one
    return 100.0 * math.sqrt(values.var(axis=1, ddof=1).mean() / values.shape[1])


def paired_table(rows: Sequence[tuple[str, Row]], against: str | None = None) -> Table | None:
    """Of every dataset and size of sample the named rows, the best first, each beside the one of the name given.

    As `result_tables` describes it; None where nothing can be compared. Without a name, or where none has it, beside
    the best; of several `NAME of RUN` beside the best of them.
    """
    kinds: dict[tuple, list[tuple[str, Row]]] = defaultdict(list)
    for name, row in sorted(rows, key=lambda each: -each[1]["top1"]):
        kinds[tuple(row[key] for key in ALIKE)].append((name, row))
    found: list[Row] = []
    for kind in sorted(kinds):
        ours = kinds[kind]
        other = next((each for each in ours if against and is_named(each[0], against)), ours[0])
        found += [_cells(name, row, *other) for name, row in ours] if len(ours) > 1 else []
    by_images = {"key": "images ±", "title": "images, ±", "digits": 2}
    columns = comparison_columns(found, "samples", {"key": "top1", "title": "top-1, %"}, by_images)
    return {"title": "On the same samples", "note": NOTE, "columns": columns, "rows": found} if found else None


def check_named(rows: Sequence[tuple[str, Row]], wanted: str | None) -> None:
    """Raises ValueError where a name is wanted that none of the rows has."""
    if wanted and not any(is_named(name, wanted) for name, _ in rows):
        known = "; ".join(dict.fromkeys(name for name, _ in rows))
        raise ValueError(f"there is no row {wanted!r} to compare with: choose among {known}")


def is_named(name: str, wanted: str) -> bool:
    return name == wanted or name.startswith(f"{wanted} of ")


def difference(row: Row, other: Row) -> Difference:
    """Over the samples of both, or over the images of the one sample that both have."""
    by_sample = differences(row, other)
    if not by_sample:
        return Difference(row["top1"] - other["top1"], None, "other samples", is_paired=False)
    if len(by_sample) > 1:
        return Difference(*mean_interval(by_sample), _repetitions(row, other))
    error = image_error_of_difference(row, other)
    if error is None:
        return Difference(by_sample[0], None, "a sample")
    return Difference(by_sample[0], OF_95_PERCENT * error, f"{row['images']:,} images of a sample")


def _repetitions(row: Row, other: Row) -> str:
    """Samples; where a class has no more images than are drawn, all seeds have the same."""
    places, _ = shared_samples(row, other)
    samples = len({row["samples"][place] for place in places})
    if samples == len(places):
        return f"{samples} samples"
    return f"{len(places)} trainings on {samples} sample{'s' * (samples > 1)}"


def _cells(name: str, row: Row, other_name: str, other: Row) -> Row:
    seeds = len(row["top1_by_seed"])
    split = "" if row["split"] == "test" else f" ({row['split']})"
    cells = {
        "samples": f"{row['dataset']}{split}, {row['samples_per_class']} a class",
        "row": name,
        "top1": row["top1"],
        "seeds": seeds,
        "sd": float(np.std(row["top1_by_seed"], ddof=1)) if seeds > 1 else None,
    }
    if row is other:
        return cells
    of_images = image_error_of_difference(row, other)
    of_images = of_images and OF_95_PERCENT * of_images
    return {**cells, **difference(row, other).cells(other_name), "images ±": of_images}
