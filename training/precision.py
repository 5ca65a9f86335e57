"""What layers compute in."""

from __future__ import annotations

import keras


def set_precision(precision: str) -> None:
    """Makes layers that are built from now on compute in it, with float32 weights (https://arxiv.org/abs/1710.03740)."""
    keras.config.set_dtype_policy(precision)
