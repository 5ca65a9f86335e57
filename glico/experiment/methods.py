"""The names of the rows that are compared: a method, or several joined by +. Imports no TensorFlow."""

from __future__ import annotations

from collections.abc import Iterable

METHODS = (
    "baseline",
    "glico",
    "cutout",
    "random-erasing",
    "mixup",
    "autoaugment",
    "cosine",
    "mixmatch",
    "dcgan",
    "pseudo-labels",
)
GENERATORS = ("glico", "dcgan")


def parts_of(row: str) -> frozenset[str]:
    """The parts of the row's name, whose order is nothing."""
    return frozenset(row.split("+"))


def uses(method: str, part: str) -> bool:
    """Is this part in the row's name?"""
    return part in parts_of(method)


def any_uses(methods: Iterable[str], *parts: str) -> bool:
    """Is one of the parts in one of the rows' names?"""
    return any(uses(method, part) for method in methods for part in parts)


def check_methods(methods: tuple[str, ...]) -> None:
    """Raises ValueError for rows whose parts are unknown or do not go together, and for a row that comes twice."""
    for method in methods:
        _check_parts(method, method.split("+"))
    if len(set(map(parts_of, methods))) < len(methods):
        raise ValueError(f"compare names a row twice: {', '.join(methods)}")


def _check_parts(method: str, parts: list[str]) -> None:
    unknown = [part for part in parts if part not in METHODS]
    if unknown:
        known = ", ".join(METHODS)
        raise ValueError(f"unknown row {unknown[0]!r} to compare: choose among {known}, or join some by +")
    row = f"row {method!r} to compare"
    if len(set(parts)) < len(parts) or (len(parts) > 1 and "baseline" in parts):
        raise ValueError(f"{row}: the parts must differ, and baseline stands alone")
    if {"mixmatch", "mixup"} <= set(parts):
        raise ValueError(f"{row}: mixmatch mixes already, leave out mixup")
    if {"mixmatch", "cosine"} <= set(parts):
        raise ValueError(f"{row}: mixmatch has a loss of its own, leave out cosine")
    if set(GENERATORS) <= set(parts):
        raise ValueError(f"{row}: new images come from glico or from dcgan, leave out one")
    if "pseudo-labels" in parts and "glico" not in parts:
        others = [part for part in parts if part not in GENERATORS]
        raise ValueError(
            f"{row}: pseudo-labels come from GLICO's weak classifier, write {'+'.join(['glico', *others])}"
        )
