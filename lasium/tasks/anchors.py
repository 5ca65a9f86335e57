"""Anchors: the class vectors that synthetic classes grow from (Khodadadeh et al. 2020, section 3.2).

Anchors of a task are at least epsilon apart, in Euclidean distance of latents. They are draws of the prior, or the
latents of unlabelled images, which then are the first shot of their class (figure 2).
"""

from __future__ import annotations

import copy
import math
from abc import ABC, abstractmethod
from typing import Any

import numpy as np
import tensorflow as tf

from ...datasets.image_store import Images
from ...models.generator import EncodingGenerator
from .checks import check_enough_images
from .encoding import encode_all
from .rejection import is_ever_given_up, redraw_until_accepted

CLOSE_PAIRS = 0.05  # without an epsilon, this share of all pairs counts as too close


class Anchors(ABC):
    """Where a task's anchors come from.

    epsilon: the least distance between two anchors of a task, and of an out-of-class vector from its anchor; by
    default the distance below which 1 pair in 20 lies, so that the closest are sampled again.
    """

    epsilon: float

    @abstractmethod
    def draw(self, n: int, seed: tf.Tensor) -> Any:
        """n candidates, whatever their distances: what `latents` reads."""

    @abstractmethod
    def latents(self, drawn: Any) -> tf.Tensor:
        """The vectors (n, latent_dim) of the candidates."""

    @abstractmethod
    def same(self, drawn: Any) -> tf.Tensor:
        """Boolean (n, n): are two candidates the same?"""

    def far_apart(self, drawn: Any) -> tf.Tensor:
        """Boolean (n,): is each candidate new, and at least epsilon from all those before it?"""
        vectors = self.latents(drawn)
        close = pairwise_distances(vectors, vectors) < self.epsilon  # (n, n)
        return ~tf.reduce_any((close | self.same(drawn)) & _earlier(len(vectors)), axis=1)

    def sample(self, n_way: int, seed: tf.Tensor) -> Any:
        """n_way candidates that are at least epsilon apart, by rejection."""
        return redraw_until_accepted(lambda s: self.draw(n_way, s), self.far_apart, seed)

    def sample_out_of_class(self, anchors: tf.Tensor, n: int, seed: tf.Tensor) -> tf.Tensor:
        """Vectors (n_way, n, latent_dim), each at least epsilon from its row's anchor, all of a row different."""
        rows = tf.repeat(anchors, n, axis=0)  # (n_way n, d)
        of_same_class = tf.repeat(tf.range(len(anchors)), n)
        same_class = of_same_class[:, None] == of_same_class[None, :]

        def accept(drawn: Any) -> tf.Tensor:
            distances = tf.norm(self.latents(drawn) - rows, axis=1)
            repeated = tf.reduce_any(self.same(drawn) & same_class & _earlier(len(rows)), axis=1)
            return (distances >= self.epsilon) & (distances > 0) & ~repeated

        drawn = redraw_until_accepted(lambda s: self.draw(len(rows), s), accept, seed)
        return tf.reshape(self.latents(drawn), (len(anchors), n, -1))

    def distance_quantiles(self, quantiles: list[float]) -> list[float]:
        """Quantiles of the distances between 200 candidates, of which some may be the same."""
        drawn = self.draw(200, tf.constant([0, 0]))
        some = self.latents(drawn)
        is_pair = np.triu(~self.same(drawn).numpy(), k=1)
        distances = pairwise_distances(some, some).numpy()[is_pair]
        return np.quantile(distances, quantiles).tolist() if len(distances) else [0.0] * len(quantiles)

    def check(self, n_way: int) -> None:
        """Raises ValueError, naming the attainable distance, where n_way anchors cannot be epsilon apart."""

        if self._are_there(n_way):
            return
        *lower, far = self.distance_quantiles([0.5, 0.4, 0.3, 0.2, 0.1, 0.05, 0.01, 0.99])
        attainable = next((each for each in lower if self._with(each)._are_there(n_way)), 0.0)
        raise ValueError(
            f"epsilon {self.epsilon:g} cannot be met: {n_way} anchors that far apart were not found. The distance "
            f"of two is {lower[0]:.2f} in the median, and 1 pair in 100 is beyond {far:.2f}. "
            f"Choose an epsilon of {math.floor(100 * attainable) / 100:.2f} or less"
        )

    def _are_there(self, n_way: int) -> bool:
        """Are n_way anchors found, and a vector out of the class of each?"""

        def sample(seed: tf.Tensor) -> tf.Tensor:
            anchors = tf.ensure_shape(self.latents(self.sample(n_way, seed)), (n_way, None))
            return self.sample_out_of_class(anchors, 1, seed)

        return not is_ever_given_up(sample)

    def _with(self, epsilon: float) -> Anchors:
        other = copy.copy(self)
        other.epsilon = epsilon
        return other


class PriorAnchors(Anchors):
    """Anchors drawn from the standard normal prior of a generator (algorithm 1, line 3; figure 1)."""

    def __init__(self, latent_dim: int, epsilon: float | None = None):
        self.latent_dim = latent_dim
        self.epsilon = self.distance_quantiles([CLOSE_PAIRS])[0] if epsilon is None else epsilon

    def draw(self, n: int, seed: tf.Tensor) -> tf.Tensor:
        return tf.random.stateless_normal((n, self.latent_dim), seed)  # (n, d)

    def latents(self, drawn: tf.Tensor) -> tf.Tensor:
        return drawn

    def same(self, drawn: tf.Tensor) -> tf.Tensor:
        return tf.eye(len(drawn), dtype=tf.bool)  # draws of a continuous prior


class ImageAnchors(Anchors):
    """Anchors that are the latents of unlabelled images (figure 2). Candidates are indices of images, (n,).

    generator: one that encodes. images: uint8, (n_images, height, width, channels); all are encoded once, here.
    """

    def __init__(self, generator: EncodingGenerator, images: Images, epsilon: float | None = None):
        self.n_images = len(images)
        self.encoded = encode_all(generator.encode, images, "encoding the unlabelled images")  # (n_images, d)
        expected = (len(images), generator.latent_dim)
        if tuple(self.encoded.shape) != expected or not bool(tf.reduce_all(tf.math.is_finite(self.encoded))):
            raise ValueError(
                f"the generator encodes {len(images)} images as {tuple(self.encoded.shape)}; latents must be finite "
                f"and of shape {expected}"
            )
        self.epsilon = self.distance_quantiles([CLOSE_PAIRS])[0] if epsilon is None else epsilon

    def check(self, n_way: int) -> None:
        check_enough_images(self.n_images, n_way)
        super().check(n_way)

    def draw(self, n: int, seed: tf.Tensor) -> tf.Tensor:
        return tf.random.stateless_uniform((n,), seed, maxval=self.n_images, dtype=tf.int32)

    def latents(self, drawn: tf.Tensor) -> tf.Tensor:
        return tf.gather(self.encoded, drawn)  # (n, d)

    def same(self, drawn: tf.Tensor) -> tf.Tensor:
        return drawn[:, None] == drawn[None, :]


def pairwise_distances(a: tf.Tensor, b: tf.Tensor) -> tf.Tensor:
    """Euclidean distances of (n, d) and (m, d): (n, m)."""
    return tf.norm(a[:, None] - b[None, :], axis=-1)


def _earlier(n: int) -> tf.Tensor:
    """Boolean (n, n): does the column come before the row?"""
    return tf.range(n)[None, :] < tf.range(n)[:, None]
