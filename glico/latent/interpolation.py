"""Between two latent codes: spherical interpolation, and the linear one that the paper's ablation compares it with.

Ken Shoemake: "Animating rotation with quaternion curves", SIGGRAPH 1985, https://doi.org/10.1145/325165.325242;
Azuri and Weinshall 2020, equation 3.
"""

from __future__ import annotations

import tensorflow as tf

ANTIPODAL_SINE = 1e-6  # below it, two codes with a negative cosine are opposite, and many great circles join them


def slerp(a: tf.Tensor, b: tf.Tensor, t: tf.Tensor) -> tf.Tensor:
    """The point t of the way from a to b along the great circle: (n, d) of unit vectors (n, d) and t (n,) in [-1, 1].

    Below 0 it goes as far the other way, away from b.

    Equation 3, written as cos(t angle) a + sin(t angle) u with u the unit vector from a towards b, which needs no
    division by a small sine: equal codes give that code, and opposite ones go by some half circle.
    """
    cosine = tf.reduce_sum(a * b, axis=-1, keepdims=True)  # (n, 1)
    across = b - cosine * a  # (n, d), at right angles to a
    sine = tf.norm(across, axis=-1, keepdims=True)  # (n, 1)
    antipodal = (sine < ANTIPODAL_SINE) & (cosine < 0)
    towards = tf.where(antipodal, _perpendicular(a), tf.math.divide_no_nan(across, sine))  # (n, d)
    angle = t[:, None] * tf.atan2(sine, cosine)  # (n, 1), exact for small angles too, as an arc cosine is not
    return tf.cos(angle) * a + tf.sin(angle) * towards


def lerp(a: tf.Tensor, b: tf.Tensor, t: tf.Tensor) -> tf.Tensor:
    """The point t of the way from a to b along the straight line, inside the sphere: (n, d).

    Between codes at right angles it has length 0.72 for t = 0.4. So the ablation of table II changes the length as well
    as the path, as figure 4 draws it; the authors' generator scales its codes to length 1 first.
    """
    return a + t[:, None] * (b - a)


def _perpendicular(a: tf.Tensor) -> tf.Tensor:
    """A unit vector perpendicular to each of (n, d): the axis with a's smallest coordinate, made orthogonal to a."""
    axis = tf.one_hot(tf.argmin(tf.abs(a), axis=-1), a.shape[-1], dtype=a.dtype)  # (n, d)
    across = axis - tf.reduce_sum(axis * a, axis=-1, keepdims=True) * a
    return across / tf.norm(across, axis=-1, keepdims=True)
