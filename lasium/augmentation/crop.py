"""Random crops, scaled back to the image's size, and flips.

Christian Szegedy et al.: "Going deeper with convolutions", CVPR 2015, https://arxiv.org/abs/1409.4842, section 6.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import tensorflow as tf


@dataclass(frozen=True)
class CropAndFlip:
    """Cuts out a rectangle of a random share of the area, at a random place, and flips half of them left to right.

    area: the least and the greatest share. ratio: the greatest of width to height, and of height to width.
    Keras's RandomCrop takes one place for a whole batch and keeps the scale.
    Raises ValueError for an area outside (0, 1], and a ratio below 1.
    """

    area: tuple[float, float] = (0.3, 1.0)
    ratio: float = 4 / 3
    flip: bool = True

    def __post_init__(self) -> None:
        low, high = self.area
        if not 0 < low <= high <= 1 or self.ratio < 1:
            raise ValueError(
                f"area is {low:g} to {high:g} and ratio {self.ratio:g}; they must be 0 < low <= high <= 1 <= ratio"
            )

    def __call__(self, images: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
        n = tf.shape(images)[0]
        area, ratio, y, x, flip = tf.unstack(tf.random.stateless_uniform((5, n), seed))  # (n,) each
        area = self.area[0] + (self.area[1] - self.area[0]) * area
        ratio = tf.exp(math.log(self.ratio) * (2.0 * ratio - 1.0))
        height = tf.minimum(tf.sqrt(area / ratio), 1.0)
        width = tf.minimum(tf.sqrt(area * ratio), 1.0)
        top, left = y * (1.0 - height), x * (1.0 - width)
        right = left + width
        flipped = (flip < 0.5) & self.flip
        ends = tf.where(flipped, right, left), tf.where(flipped, left, right)
        boxes = tf.stack([top, ends[0], top + height, ends[1]], axis=1)  # (n, 4)
        return tf.image.crop_and_resize(images, boxes, tf.range(n), images.shape[1:3])
