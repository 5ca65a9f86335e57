"""A dataclass is a command line: a field is an option, the text under it is the option's help."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, TypeVar

import tyro

Config = TypeVar("Config")

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # before TensorFlow is imported: its start-up notes are not ours


def parse(config: type[Config], description: str | None) -> Config:
    """The dataclass filled from sys.argv; --help and wrong options end the program."""
    return tyro.cli(config, description=description)


@contextmanager
def errors_as_messages() -> Iterator[None]:
    """Turns the errors that the user can mend into one line and exit status 1."""
    try:
        yield
    except (ValueError, RuntimeError, FloatingPointError, OSError) as error:
        sys.exit(f"error: {error}")


def _parse_whole_numbers(words: list[str]) -> tuple[int, ...]:
    numbers = tuple(int(word) for word in words[0].split(","))
    if min(numbers) < 1:
        raise ValueError(f"{words[0]}: the numbers must be 1 or more")
    return numbers


WholeNumbers = Annotated[
    tuple[int, ...],
    tyro.constructors.PrimitiveConstructorSpec(
        nargs=1,
        metavar="INT[,INT...]",
        instance_from_str=_parse_whole_numbers,
        is_instance=lambda value: isinstance(value, tuple) and all(isinstance(number, int) for number in value),
        str_from_instance=lambda value: [",".join(map(str, value))],
    ),
]
