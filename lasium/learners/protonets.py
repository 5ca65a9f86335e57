"""Prototypical networks.

Jake Snell, Kevin Swersky, Richard Zemel: "Prototypical networks for few-shot learning", NeurIPS 2017,
https://arxiv.org/abs/1703.05175; hyperparameters in Khodadadeh et al. 2020, table 6.
"""

from __future__ import annotations

import tensorflow as tf

from .learner import FewShotLearner


class ProtoNets(FewShotLearner):
    """Learns features in which a query belongs to the class with the nearest mean of support features.

    network: images (n, height, width, channels) to features (n, n_features).
    A label below the highest that no support image has is a class of probability 0.
    """

    def call(self, tasks: dict[str, tf.Tensor], training: bool = False) -> tf.Tensor:
        support, queries = tasks["support_images"], tasks["query_images"]  # (tasks, s, h, w, c), (tasks, q, h, w, c)
        n_support = tf.shape(support)[1]
        images = tf.concat([support, queries], axis=1)
        flat = tf.reshape(images, tf.concat([[-1], tf.shape(images)[2:]], axis=0))  # (tasks (s + q), h, w, c)
        features = tf.cast(self.network(flat, training=training), tf.float32)  # (tasks (s + q), f)
        features = tf.reshape(features, tf.concat([tf.shape(images)[:2], [-1]], axis=0))  # (tasks, s + q, f)
        centres = prototypes(features[:, :n_support], tasks["support_labels"])  # (tasks, n_way, f)
        distances = squared_distances(features[:, n_support:], centres)  # (tasks, q, n_way)
        missing = tf.reduce_any(tf.math.is_nan(centres), axis=-1)  # (tasks, n_way)
        return tf.where(missing[:, None], float("-inf"), -distances)  # (tasks, q, n_way)

    def embed(self, images: tf.Tensor) -> tf.Tensor:
        """Features (n, n_features)."""
        return tf.cast(self.network(images, training=False), tf.float32)


def prototypes(features: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
    """Mean features of each class (Snell et al., equation 1): (tasks, n_way, f) of (tasks, s, f), labels (tasks, s).

    n_way is the highest label and 1; a class that no label names has NaN.
    """
    members = tf.one_hot(labels, tf.reduce_max(labels) + 1)  # (tasks, s, n_way)
    return tf.einsum("tsn,tsf->tnf", members, features) / tf.reduce_sum(members, axis=1)[..., None]


def squared_distances(a: tf.Tensor, b: tf.Tensor) -> tf.Tensor:
    """Squared Euclidean distances of (tasks, n, f) and (tasks, m, f): (tasks, n, m)."""
    return tf.reduce_sum(tf.math.squared_difference(a[:, :, None], b[:, None]), axis=-1)
