"""What one of a few words says, checked where it is given: a misspelt one would pass for the last of them."""

from __future__ import annotations

from collections.abc import Iterable


def check_one_of(name: str, value: str, choices: Iterable[str]) -> None:
    """Raises ValueError where the value is none of the choices."""
    if value not in (known := tuple(choices)):
        raise ValueError(f"{name} is {value!r}: choose {' or '.join(known)}")
