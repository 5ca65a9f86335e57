"""Ranges of a configuration's fields: what is wrong whatever the data."""

from __future__ import annotations

from typing import Any


def at_least(config: Any, least: float, *names: str) -> None:
    """Raises ValueError for the first of the fields that is below `least` or not finite; None passes."""
    for name in names:
        value = getattr(config, name)
        if value is not None and not least <= value < float("inf"):
            raise ValueError(f"{name} is {value}; it must be {least} or more")


def above_zero(config: Any, *names: str) -> None:
    """Raises ValueError for the first of the fields that is not above 0 or not finite; None passes."""
    for name in names:
        value = getattr(config, name)
        if value is not None and not 0 < value < float("inf"):
            raise ValueError(f"{name} is {value}; it must be above 0")


def check_precision(precision: str, distribute: str | None) -> None:
    """Raises ValueError for float16 on several devices."""
    if precision == "mixed_float16" and distribute:
        raise ValueError(
            "precision mixed_float16 and distribute do not go together: Keras's scaling of losses looks at one device "
            "for what overflows; use mixed_bfloat16"
        )


def between(config: Any, least: float, most: float, *names: str) -> None:
    """Raises ValueError for the first of the fields that is outside [least, most]."""
    for name in names:
        if not least <= getattr(config, name) <= most:
            raise ValueError(f"{name} is {getattr(config, name):g}; it must lie between {least} and {most}")


def check_seeds(config: Any, *names: str) -> None:
    """Raises ValueError for the first of the fields that is below 0, or that as many as `seeds` take beyond 31 bits."""
    at_least(config, 0, *names)
    at_most(config, 2**31 - (getattr(config, "seeds", None) or 1), *names)


def whole_numbers(config: Any, *names: str) -> None:
    """Raises ValueError for the first of the fields that has no number, one below 1, or one twice; None passes."""
    for name in names:
        values = getattr(config, name)
        if values is not None and not (values and min(values) >= 1 and len(set(values)) == len(values)):
            words = ",".join(map(str, values)) or "empty"
            raise ValueError(f"{name} is {words}; it must name numbers of 1 or more, none twice")


def at_most(config: Any, most: float, *names: str) -> None:
    """Raises ValueError for the first of the fields that is above `most`; None passes."""
    for name in names:
        value = getattr(config, name)
        if value is not None and value > most:
            raise ValueError(f"{name} is {value}; it must be {most} or less")
