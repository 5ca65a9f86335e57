"""What layers compute in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import keras


def set_precision(precision: str) -> None:
    """Makes layers that are built from now on compute in it, with float32 weights (https://arxiv.org/abs/1710.03740)."""
    keras.config.set_dtype_policy(precision)


@contextmanager
def precision(name: str) -> Iterator[None]:
    """Layers that are built inside compute in it, and those after as before."""
    before = keras.config.dtype_policy()
    set_precision(name)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)
