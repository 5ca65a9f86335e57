"""Thinner and thicker strokes: a share of a grey erosion or dilation."""

from __future__ import annotations

from dataclasses import dataclass

import tensorflow as tf


@dataclass(frozen=True)
class PenWidth:
    """Mixes each image with the least or the greatest of each pixel's 3x3 neighbours, by a random share up to `share`.

    Ink is 1. Raises ValueError for a share outside [0, 1].
    """

    share: float = 0.5

    def __post_init__(self) -> None:
        if not 0 <= self.share <= 1:
            raise ValueError(f"share is {self.share:g}; it must lie in [0, 1]")

    def __call__(self, images: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
        drawn = tf.random.stateless_uniform((tf.shape(images)[0], 1, 1, 1), seed, -self.share, self.share)
        thicker = tf.nn.max_pool2d(images, 3, 1, "SAME")
        thinner = -tf.nn.max_pool2d(-images, 3, 1, "SAME")
        return images + tf.abs(drawn) * (tf.where(drawn > 0, thicker, thinner) - images)  # (n, h, w, c)
