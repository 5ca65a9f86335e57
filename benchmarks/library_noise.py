"""The library's own draws, for peers to be compared on the same: no two libraries draw alike."""

from __future__ import annotations

import numpy as np


def first_normal(n: int, dimensions: int) -> np.ndarray:
    """What a generator of seed 0 draws in its first step, standard normal, (n, dimensions)."""
    import tensorflow as tf  # a peer does without it but for this

    return tf.random.stateless_normal((n, dimensions), (0, 0)).numpy()
