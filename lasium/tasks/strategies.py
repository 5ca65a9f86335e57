"""How a synthetic class grows from its anchor: LASIUM-N, -RO and -OC (Khodadadeh et al. 2020, section 3.2, figure 3).

Every strategy keeps the section's properties: (a) all vectors of a class differ, (c) each is nearer to its own anchor
than to any other of its task.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import tensorflow as tf

from .anchors import Anchors
from .checks import check_alpha

NEAR_BORDER = 0.9  # of the way to the border between two classes, the most that is gone


class Strategy(ABC):
    """How classes grow from their anchors. One of your own is a subclass, a function of its arguments alone."""

    @abstractmethod
    def in_class(self, anchors: tf.Tensor, n: int, source: Anchors, seed: tf.Tensor) -> tf.Tensor:
        """n new vectors for each of the task's anchors: (n_way, n, latent_dim) from (n_way, latent_dim).

        source: where RO finds its out-of-class vectors.
        """


@dataclass(frozen=True)
class Noise(Strategy):
    """LASIUM-N: z + e, e ~ N(0, sigma2), cut by `keep_in_class`: at sigma2 2 in 20 dimensions an offset in ten or so.

    Raises ValueError unless sigma2 is above 0.
    """

    sigma2: float = 0.5

    def __post_init__(self) -> None:
        if not self.sigma2 > 0:
            raise ValueError(f"sigma2 is {self.sigma2:g}; the noise's variance must be above 0")

    def in_class(self, anchors: tf.Tensor, n: int, source: Anchors, seed: tf.Tensor) -> tf.Tensor:
        n_way, latent_dim = anchors.shape
        offsets = self.sigma2**0.5 * tf.random.stateless_normal((n_way, n, latent_dim), seed)
        return anchors[:, None] + keep_in_class(offsets, anchors)


@dataclass(frozen=True)
class RandomOutOfClass(Strategy):
    """LASIUM-RO: z + alpha (v - z), with v a random out-of-class vector. Raises ValueError unless 0 < alpha <= 1."""

    alpha: float = 0.2

    def __post_init__(self) -> None:
        check_alpha(self.alpha)

    def in_class(self, anchors: tf.Tensor, n: int, source: Anchors, seed: tf.Tensor) -> tf.Tensor:
        towards = source.sample_out_of_class(anchors, n, seed)  # (n_way, n, d)
        return anchors[:, None] + keep_in_class(self.alpha * (towards - anchors[:, None]), anchors)


@dataclass(frozen=True)
class OtherClasses(Strategy):
    """LASIUM-OC: z_i + alpha (z_j - z_i), with z_j the anchors of the task's other classes in turn.

    When the n_way - 1 others are used up they are taken again at a smaller alpha, so that no two vectors are equal and
    all stay within the anchors' convex hull: of R rounds, round r = 0, 1, ... goes (R - r) / R of the way. Half of the
    way is the border between two classes, and nine tenths of that, 0.45, the most that is gone, whatever alpha.
    Raises ValueError unless 0 < alpha <= 1, and for tasks of one class.
    """

    alpha: float = 0.2

    def __post_init__(self) -> None:
        check_alpha(self.alpha)

    def in_class(self, anchors: tf.Tensor, n: int, source: Anchors, seed: tf.Tensor) -> tf.Tensor:
        n_way = len(anchors)
        if n_way < 2:
            raise ValueError("strategy oc needs another class to interpolate towards: n_way is 1; use ro or n")
        others = (tf.range(n_way)[:, None] + tf.range(1, n_way)[None, :]) % n_way  # (n_way, n_way - 1)
        offsets = keep_in_class(self.alpha * (tf.gather(anchors, others) - anchors[:, None]), anchors)
        rounds = -(-n // (n_way - 1))
        shrunk = [offsets * ((rounds - r) / rounds) for r in range(rounds)]
        return anchors[:, None] + tf.concat(shrunk, axis=1)[:, :n]


@dataclass(frozen=True)
class Varied(Strategy):
    """Anywhere on the way that another strategy goes: u (v - z) from the anchor z, u ~ U(0, 1), for each of its v.

    So alpha, or for N the noise's deviation, is the most rather than the rule. Not in the paper.
    """

    strategy: Strategy

    def in_class(self, anchors: tf.Tensor, n: int, source: Anchors, seed: tf.Tensor) -> tf.Tensor:
        whole_way = self.strategy.in_class(anchors, n, source, seed) - anchors[:, None]  # (n_way, n, d)
        shares = tf.random.stateless_uniform((len(anchors), n, 1), tf.random.experimental.stateless_fold_in(seed, 1))
        return anchors[:, None] + shares * whole_way


def keep_in_class(offsets: tf.Tensor, anchors: tf.Tensor) -> tf.Tensor:
    """Shortens the offsets that would end nearer to another anchor: property (c).

    offsets: (n_way, n, latent_dim) from anchors (n_way, latent_dim). The border with anchor z_j lies where the
    offset's part along d = z_j - z_i is |d|^2 / 2; an offset beyond nine tenths of the way there is cut to them.
    """
    directions = anchors[None, :] - anchors[:, None]  # (n_way, n_way, d), from the row's anchor to the column's
    half_squared = tf.reduce_sum(tf.square(directions), axis=-1)[:, None] / 2.0  # (n_way, 1, n_way)
    along = tf.einsum("ind,ijd->inj", offsets, directions)  # (n_way, n, n_way)
    reach = tf.reduce_max(tf.math.divide_no_nan(along, half_squared), axis=-1)  # 1 at the border; 0 for its own anchor
    return offsets * tf.where(reach < NEAR_BORDER, tf.ones_like(reach), NEAR_BORDER / reach)[..., None]
