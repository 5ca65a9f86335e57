"""Random shifts and affine maps of images, drawn without state.

The paper applies "a small shift" to Omniglot's images (section 4.6); its authors shift the query images.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import tensorflow as tf
from keras import ops


@dataclass(frozen=True)
class RandomAffine:
    """shift: whole pixels, up to which an image moves along each axis.

    strength: of a random rotation (to 0.3 rad), scale (0.8 to 1.25) and shear (to 0.2), as a share of those ranges;
    0 leaves them out. Not in the paper.
    Raises ValueError for a negative shift or strength.
    """

    shift: int = 0
    strength: float = 0.0

    def __post_init__(self) -> None:
        for name, value in (("shift", self.shift), ("affine strength", self.strength)):
            if value < 0:
                raise ValueError(f"the {name} of query images is {value:g}; it must be 0 or more")

    def draw(self, n: int, size: tuple[int, int], seed: tf.Tensor) -> tf.Tensor:
        """n transforms (n, 8) for images of size (height, width), as keras.ops.image.affine_transform takes them."""
        seeds = tf.unstack(tf.random.experimental.stateless_split(seed, 2))
        if not self.strength:
            linear = tf.eye(2, batch_shape=[n])
        else:
            angle, shear, log_x, log_y = tf.unstack(
                self.strength
                * tf.constant([[0.3], [0.2], [math.log(1.25)], [math.log(1.25)]])
                * tf.random.stateless_uniform((4, n), seeds[0], -1.0, 1.0)
            )
            rotation = _matrices(tf.cos(angle), -tf.sin(angle), tf.sin(angle), tf.cos(angle))
            zero, one = tf.zeros_like(angle), tf.ones_like(angle)
            linear = rotation @ _matrices(one, shear, zero, one) @ _matrices(tf.exp(log_x), zero, zero, tf.exp(log_y))
        shifts = tf.random.stateless_uniform((n, 2), seeds[1], -self.shift, self.shift + 1, dtype=tf.int32)
        centre = tf.constant([(size[1] - 1) / 2, (size[0] - 1) / 2])  # x, y
        translation = centre - tf.linalg.matvec(linear, centre) + tf.cast(shifts, tf.float32)  # (n, 2)
        rows = tf.concat([linear, translation[:, :, None]], axis=-1)  # (n, 2, 3)
        return tf.concat([tf.reshape(rows, (n, 6)), tf.zeros((n, 2))], axis=1)

    @property
    def is_identity(self) -> bool:
        return not (self.shift or self.strength)


def transform(images: tf.Tensor, transforms: tf.Tensor) -> tf.Tensor:
    """Images (n, height, width, channels) under transforms (n, 8); pixels from outside the image are 0."""
    return ops.image.affine_transform(images, transforms, interpolation="bilinear", fill_mode="constant")


def _matrices(a: tf.Tensor, b: tf.Tensor, c: tf.Tensor, d: tf.Tensor) -> tf.Tensor:
    """[[a, b], [c, d]] for each of n: (n, 2, 2)."""
    return tf.stack([tf.stack([a, b], axis=-1), tf.stack([c, d], axis=-1)], axis=-2)
