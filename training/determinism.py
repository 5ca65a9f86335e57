"""Runs that repeat exactly."""

from __future__ import annotations

import keras
import tensorflow as tf


def seed_everything(seed: int) -> None:
    """Makes initial weights a function of the seed and every operation deterministic, so that runs repeat exactly."""
    keras.utils.set_random_seed(seed)
    tf.config.experimental.enable_op_determinism()
