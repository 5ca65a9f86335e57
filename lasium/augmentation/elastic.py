"""Elastic warps: an image is bent by a smooth random field.

Patrice Simard, Dave Steinkraus, John Platt: "Best practices for convolutional neural networks applied to visual
document analysis", ICDAR 2003. Keras's RandomElasticTransform does the same at a hundredth of the speed
(docs/results/strong.md).
"""

from __future__ import annotations

from dataclasses import dataclass

import tensorflow as tf


@dataclass(frozen=True)
class ElasticWarp:
    """Moves every pixel by a field that is bicubic between the random displacements of a coarse grid.

    pixels: the standard deviation of a displacement of the grid, along each axis. grid: its points a side.
    Pixels from outside of the image are 0. Raises ValueError for a negative deviation, or fewer than 2 points.
    """

    pixels: float = 1.8
    grid: int = 5

    def __post_init__(self) -> None:
        if self.pixels < 0 or self.grid < 2:
            raise ValueError(
                f"an elastic warp of {self.pixels:g} pixels on a grid of {self.grid}: 0 and 2 are the least"
            )

    def __call__(self, images: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
        n, height, width = tf.shape(images)[0], images.shape[1], images.shape[2]
        coarse = self.pixels * tf.random.stateless_normal((n, self.grid, self.grid, 2), seed)
        field = tf.image.resize(coarse, (height, width), "bicubic")  # (n, h, w, 2)
        places = tf.stack(tf.meshgrid(tf.range(height), tf.range(width), indexing="ij"), axis=-1)  # (h, w, 2)
        return sample_bilinearly(images, tf.cast(places, tf.float32) + field)


def sample_bilinearly(images: tf.Tensor, places: tf.Tensor) -> tf.Tensor:
    """Images (n, h, w, c) read at places (n, h', w', 2) in pixels, rows first: (n, h', w', c); outside is 0."""
    n, (height, width, channels) = tf.shape(images)[0], images.shape[1:]
    padded = tf.pad(images, [[0, 0], [1, 2], [1, 2], [0, 0]])  # (n, h + 3, w + 3, c)
    pixels = tf.reshape(padded, (-1, channels))
    places = tf.clip_by_value(places + 1.0, 0.0, tf.constant([height + 1.0, width + 1.0]))  # in the padded image
    corner = tf.floor(places)
    down, right = tf.split(places - corner, 2, axis=-1)  # (n, h', w', 1) each
    row, column = tf.unstack(tf.cast(corner, tf.int32), axis=-1)
    first = (tf.range(n)[:, None, None] * (height + 3) + row) * (width + 3) + column  # (n, h', w')
    below = first + width + 3
    upper = (1 - right) * tf.gather(pixels, first) + right * tf.gather(pixels, first + 1)
    lower = (1 - right) * tf.gather(pixels, below) + right * tf.gather(pixels, below + 1)
    return (1 - down) * upper + down * lower
