"""New images of a class: the generator on codes between those of two of its images (section III-B, "Sampling")."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import tensorflow as tf

from .interpolation import slerp
from .model import GLICO, UNLABELLED

RATIOS = (0.1, 0.2, 0.3, 0.4)  # section IV-B


class LatentSampler:
    """Replaces images by new ones of their class.

    labels: of the images that have a code, (n,), in the codes' order, -1 for those that have no label.
    ratios: how far to go towards the partner, or, below 0, away from it.
    interpolate: `slerp`, or `lerp` for the ablation of table II.
    An image that is alone in its class, or has no label, has no partner: its own reconstruction with fresh noise
    is sampled.
    """

    def __init__(
        self,
        model: GLICO,
        labels: np.ndarray,
        ratios: Sequence[float] = RATIOS,
        interpolate: Callable[[tf.Tensor, tf.Tensor, tf.Tensor], tf.Tensor] = slerp,
    ):
        self.model, self.ratios, self.interpolate = model, tf.constant(ratios, tf.float32), interpolate
        self.labels = labels
        n_classes = int(labels.max(initial=-1)) + 1
        # an image without a label is a class of its own
        labels = np.where(labels == UNLABELLED, n_classes + np.arange(len(labels)), labels)
        order = np.argsort(labels, kind="stable")  # the images of a class side by side
        counts = np.bincount(labels)
        starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
        place = np.empty(len(labels), np.int32)
        place[order] = np.arange(len(labels))
        self.order = tf.constant(order, tf.int32)
        self.counts = tf.constant(counts[labels], tf.int32)  # (n,) images of each image's class
        self.starts = tf.constant(starts[labels], tf.int32)  # (n,) where its class starts in the order
        self.places = tf.constant(place - starts[labels], tf.int32)  # (n,) its own place within the class
        self.class_starts = tf.constant(starts[:n_classes], tf.int32)  # (n_classes,)
        self.class_counts = tf.constant(counts[:n_classes], tf.int32)

    def members(self, label: tf.Tensor) -> tf.Tensor:
        """The images of a class (), as their places (k,) among the codes."""
        start = tf.gather(self.class_starts, label)
        return self.order[start : start + tf.gather(self.class_counts, label)]

    def partners(self, indices: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
        """For each image (b,) another one of its class, all equally likely; the image itself where it is alone."""
        counts = tf.gather(self.counts, indices)
        others = tf.maximum(counts - 1, 1)
        uniform = tf.random.stateless_uniform(tf.shape(indices), seed)
        step = 1 + tf.minimum(tf.cast(uniform * tf.cast(others, tf.float32), tf.int32), others - 1)
        place = (
            tf.gather(self.places, indices) + step
        ) % counts  # 1 to counts - 1 places further, cyclically within the class
        return tf.gather(self.order, tf.gather(self.starts, indices) + place)

    def of_classes(self, labels: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
        """New images (b, height, width, channels) in [0, 1] of the classes (b,), from the seed (2,) alone.

        Raises tf.errors.InvalidArgumentError for a label that is no class, or one without images.
        """
        labels = tf.cast(labels, tf.int32)
        in_range = [tf.debugging.assert_non_negative(labels), tf.debugging.assert_less(labels, len(self.class_counts))]
        with tf.control_dependencies(in_range):
            in_range = [tf.debugging.assert_positive(tf.gather(self.class_counts, labels))]
        image_seed, sample_seed = tf.unstack(tf.random.experimental.stateless_split(seed, 2))
        with tf.control_dependencies(in_range):
            uniform = tf.random.stateless_uniform(tf.shape(labels), image_seed)
        counts = tf.gather(self.class_counts, labels)
        places = tf.minimum(tf.cast(uniform * tf.cast(counts, tf.float32), tf.int32), counts - 1)
        return self(tf.gather(self.order, tf.gather(self.class_starts, labels) + places), sample_seed)

    def __call__(self, indices: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
        """New images (b, height, width, channels) in [0, 1] in place of the images (b,), from the seed (2,) alone."""
        partner_seed, ratio_seed, noise_seed = tf.unstack(tf.random.experimental.stateless_split(seed, 3))
        chosen = tf.random.stateless_uniform(tf.shape(indices), ratio_seed, maxval=len(self.ratios), dtype=tf.int32)
        partners = self.partners(indices, partner_seed)
        codes = self.interpolate(self.model.codes(indices), self.model.codes(partners), tf.gather(self.ratios, chosen))
        return self.model.generate(codes, noise_seed)
