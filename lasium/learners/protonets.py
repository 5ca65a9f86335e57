"""Prototypical networks.

Jake Snell, Kevin Swersky, Richard Zemel: "Prototypical networks for few-shot learning", NeurIPS 2017,
https://arxiv.org/abs/1703.05175; hyperparameters in Khodadadeh et al. 2020, table 6.
"""

from __future__ import annotations

from typing import Any, Literal

import keras
import tensorflow as tf

from .learner import FewShotLearner

Similarity = Literal["euclidean", "cosine"]


class ProtoNets(FewShotLearner):
    """Learns features in which a query belongs to the class with the nearest mean of support features.

    network: images (n, height, width, channels) to features (n, n_features).
    similarity: of a query to a prototype, the logits. `euclidean`: minus the squared distance, as in the paper.
        `cosine`: the cosine over `temperature`, of features whose length is 1 before they are averaged (as in SimCLR,
        Chen et al. 2020, https://arxiv.org/abs/2002.05709, equation 1, whose negatives are here the other classes).
    A label below the highest that no support image has is a class of probability 0.
    Raises ValueError for a temperature that is not above 0.
    """

    def __init__(
        self, network: keras.Model, similarity: Similarity = "euclidean", temperature: float = 0.1, **kwargs: Any
    ):
        if not temperature > 0:
            raise ValueError(f"temperature is {temperature:g}; it must be above 0")
        super().__init__(network, **kwargs)
        self.similarity, self.temperature = similarity, temperature

    def call(self, tasks: dict[str, tf.Tensor], training: bool = False) -> tf.Tensor:
        support, queries = tasks["support_images"], tasks["query_images"]  # (tasks, s, h, w, c), (tasks, q, h, w, c)
        n_support = tf.shape(support)[1]
        images = tf.concat([support, queries], axis=1)
        flat = tf.reshape(images, tf.concat([[-1], tf.shape(images)[2:]], axis=0))  # (tasks (s + q), h, w, c)
        features = self._features(flat, training)  # (tasks (s + q), f)
        features = tf.reshape(features, tf.concat([tf.shape(images)[:2], [-1]], axis=0))  # (tasks, s + q, f)
        centres = prototypes(features[:, :n_support], tasks["support_labels"])  # (tasks, n_way, f)
        logits = self._logits(features[:, n_support:], centres)  # (tasks, q, n_way)
        missing = tf.reduce_any(tf.math.is_nan(centres), axis=-1)  # (tasks, n_way)
        return tf.where(missing[:, None], float("-inf"), logits)  # (tasks, q, n_way)

    def embed(self, images: tf.Tensor) -> tf.Tensor:
        """Features (n, n_features), of length 1 where the similarity is the cosine."""
        return self._features(images, training=False)

    def _features(self, images: tf.Tensor, training: bool) -> tf.Tensor:
        features = tf.cast(self.network(images, training=training), tf.float32)  # (n, f)
        return tf.math.l2_normalize(features, axis=-1) if self.similarity == "cosine" else features

    def _logits(self, queries: tf.Tensor, centres: tf.Tensor) -> tf.Tensor:
        """(tasks, q, n_way) of queries (tasks, q, f) and prototypes (tasks, n_way, f)."""
        if self.similarity == "euclidean":
            return -squared_distances(queries, centres)
        return tf.matmul(queries, tf.math.l2_normalize(centres, axis=-1), transpose_b=True) / self.temperature


def prototypes(features: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
    """Mean features of each class (Snell et al., equation 1): (tasks, n_way, f) of (tasks, s, f), labels (tasks, s).

    n_way is the highest label and 1; a class that no label names has NaN.
    """
    members = tf.one_hot(labels, tf.reduce_max(labels) + 1)  # (tasks, s, n_way)
    return tf.einsum("tsn,tsf->tnf", members, features) / tf.reduce_sum(members, axis=1)[..., None]


def squared_distances(a: tf.Tensor, b: tf.Tensor) -> tf.Tensor:
    """Squared Euclidean distances of (tasks, n, f) and (tasks, m, f): (tasks, n, m)."""
    return tf.reduce_sum(tf.math.squared_difference(a[:, :, None], b[:, None]), axis=-1)
