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

    rotation: radians, up to which it turns either way. scale: the greatest factor along each axis, and its inverse the
    least. shear: the greatest, either way.
    Raises ValueError for a negative shift, rotation or shear, and a scale below 1.
    """

    shift: int = 0
    rotation: float = 0.0
    scale: float = 1.0
    shear: float = 0.0

    def __post_init__(self) -> None:
        for name, least in (("shift", 0), ("rotation", 0), ("scale", 1), ("shear", 0)):
            if getattr(self, name) < least:
                raise ValueError(f"the {name} of images is {getattr(self, name):g}; it must be {least} or more")

    @classmethod
    def of_strength(cls, shift: int, strength: float) -> RandomAffine:
        """Rotation to 0.3 rad, scale to 1.25 and shear to 0.2, at a share of these ranges. Not in the paper."""
        return cls(shift, 0.3 * strength, 1.25**strength, 0.2 * strength)

    def __call__(self, images: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
        n = images.shape[0] or tf.shape(images)[0]
        return transform(images, self.draw(n, images.shape[1:3], seed))  # (n, h, w, c)

    def draw(self, n: int | tf.Tensor, size: tuple[int, int], seed: tf.Tensor) -> tf.Tensor:
        """n transforms (n, 8) for images of size (height, width), as keras.ops.image.affine_transform takes them."""
        seeds = tf.unstack(tf.random.experimental.stateless_split(seed, 2))
        ranges = [self.rotation, self.shear, math.log(self.scale), math.log(self.scale)]
        if not any(ranges):
            linear = tf.eye(2, batch_shape=[n])
        else:
            angle, shear, log_x, log_y = tf.unstack(
                tf.constant(ranges)[:, None] * tf.random.stateless_uniform((4, n), seeds[0], -1.0, 1.0)
            )
            rotation = _matrices(tf.cos(angle), -tf.sin(angle), tf.sin(angle), tf.cos(angle))
            zero, one = tf.zeros_like(angle), tf.ones_like(angle)
            linear = rotation @ _matrices(one, shear, zero, one) @ _matrices(tf.exp(log_x), zero, zero, tf.exp(log_y))
        shifts = tf.random.stateless_uniform((n, 2), seeds[1], -self.shift, self.shift + 1, dtype=tf.int32)
        centre = tf.constant([(size[1] - 1) / 2, (size[0] - 1) / 2])  # x, y
        translation = centre - tf.linalg.matvec(linear, centre) + tf.cast(shifts, tf.float32)  # (n, 2)
        rows = tf.concat([linear, translation[:, :, None]], axis=-1)  # (n, 2, 3)
        return tf.concat([tf.reshape(rows, (n, 6)), tf.zeros((n, 2))], axis=1)


def transform(images: tf.Tensor, transforms: tf.Tensor) -> tf.Tensor:
    """Images (n, height, width, channels) under transforms (n, 8); pixels from outside the image are 0."""
    return ops.image.affine_transform(images, transforms, interpolation="bilinear", fill_mode="constant")


def _matrices(a: tf.Tensor, b: tf.Tensor, c: tf.Tensor, d: tf.Tensor) -> tf.Tensor:
    """[[a, b], [c, d]] for each of n: (n, 2, 2)."""
    return tf.stack([tf.stack([a, b], axis=-1), tf.stack([c, d], axis=-1)], axis=-2)
