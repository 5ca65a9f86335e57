"""Labels of any kind."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np


def distinct(labels: Sequence[Any]) -> list[Any]:
    """Each label once, in order where they have one, else as they came. Raises ValueError for what is no label."""
    for number, label in enumerate(labels):
        try:
            missing = label is None or hash(label) is None or label != label
        except TypeError as error:
            raise ValueError(f"label {number} is a {type(label).__name__}, which cannot name a class") from error
        if missing:
            raise ValueError(f"label {number} is {label}: every image needs a label")
    found = list(dict.fromkeys(labels))
    try:
        return sorted(found)
    except TypeError:  # of several kinds
        return found


def share_right(predicted: Sequence[Any], labels: Sequence[Any], known: Sequence[Any]) -> float:
    """From 0 to 1. Raises ValueError for another number of labels, and where none of them is among the known ones."""
    if len(predicted) != len(labels):
        raise ValueError(f"{len(predicted)} images and {len(labels)} labels: give a label for each image")
    if not any(label in known for label in labels):
        some = ", ".join(map(repr, known[:5]))
        raise ValueError(f"no label, such as {labels[0]!r}, is among the learner's, such as {some}: give those")
    return float(np.mean([a == b for a, b in zip(predicted, labels, strict=True)]))


def as_list(labels: Any) -> list[Any]:
    """Of a list, an array or a column of a table, numpy's scalars as Python's.

    Raises ValueError for a single string, and for what has more dimensions than one.
    """
    if isinstance(labels, str):
        raise ValueError(f"labels is {labels!r}: they are a list, one for each image")
    if getattr(labels, "ndim", 1) != 1:
        raise ValueError(f"labels of shape {tuple(labels.shape)}: they are a list, one for each image")
    if hasattr(labels, "tolist"):
        return labels.tolist()
    return [label.item() if isinstance(label, np.generic) else label for label in labels]


def as_array(labels: Sequence[Any]) -> np.ndarray:
    """One-dimensional, of strings or numbers where all are, else of objects."""
    kinds = {str if isinstance(label, str) else type(label) for label in labels}
    if len(kinds) == 1 and kinds <= {str, int, float, bool}:
        return np.array(labels)
    array = np.empty(len(labels), object)
    array[:] = labels
    return array
