"""What the reconstruction loss compares with, kept for all images where memory allows: it never changes in a run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import tensorflow as tf

from ...training.memory import memory_limit

# Of the memory there is, not of what is free: the precision must not change when a killed run is continued.
# Concatenating the batches takes as much again.
SHARE_OF_MEMORY = 0.2
BATCH = 100


class ReconstructionLoss(Protocol):
    def targets(self, images: tf.Tensor) -> list[tf.Tensor]: ...

    def __call__(self, generated: tf.Tensor, targets: Sequence[tf.Tensor]) -> tf.Tensor: ...


class TargetCache:
    """Targets by the indices of images: kept in float32, or in float16, or computed anew where neither would fit.

    images: uint8, (n, height, width, channels).
    memory: bytes that the kept targets may take; by default a fifth of what there is.
    """

    def __init__(self, loss: ReconstructionLoss, images: np.ndarray, memory: float | None = None):
        self.loss, self.images = loss, tf.constant(images)
        memory = SHARE_OF_MEMORY * memory_limit() if memory is None else memory
        numbers = sum(int(tf.size(target)) for target in self._fresh(tf.range(1))) * len(images)
        fitting = [dtype for dtype in (tf.float32, tf.float16) if numbers * dtype.size <= memory]
        self.dtype = fitting[0] if fitting else None
        self.kept: list[tf.Tensor] | None = None

    def __call__(self, indices: tf.Tensor) -> list[tf.Tensor]:
        """The targets of the images (b,): tensors (b, ...)."""
        if self.dtype is None:
            return self._fresh(indices)
        if self.kept is None:  # by the first call, for a model that is trained already needs none
            with tf.init_scope():  # out of the graph that is being traced
                self.kept = self._all(self.dtype)
        return [tf.cast(tf.gather(kept, indices), tf.float32) for kept in self.kept]

    def forget(self) -> None:
        """Frees the memory. Another call computes them anew."""
        self.kept = None

    def _fresh(self, indices: tf.Tensor) -> list[tf.Tensor]:
        return self.loss.targets(tf.cast(tf.gather(self.images, indices), tf.float32) / 255.0)

    def _all(self, dtype: tf.DType) -> list[tf.Tensor]:
        batches = []
        places = tf.range(len(self.images), dtype=tf.int64)
        for start in range(0, len(self.images), BATCH):
            indices = places[start : start + BATCH]
            batches.append([tf.cast(target, dtype) for target in self._fresh(indices)])
        return [tf.concat(parts, axis=0) for parts in zip(*batches, strict=True)]
