"""Images that a learner already takes for the same class: the second round of training has them as queries.

Debidatta Dwibedi et al.: "With a little help from my friends: nearest-neighbor contrastive learning of visual
representations", ICCV 2021, https://arxiv.org/abs/2104.14548; here found once, for all images, between two rounds.
"""

from __future__ import annotations

import numpy as np
import tensorflow as tf


def mutual_neighbours(features: np.ndarray, k: int, at_once: int = 2000) -> np.ndarray:
    """For each image the indices of k others that are among the k nearest of each other: int32, (n, k).

    features: (n, f); the nearest have the greatest cosine. Where fewer than k are mutual, the image itself stands in.
    """
    features = features / np.maximum(np.linalg.norm(features, axis=1, keepdims=True), 1e-12)
    n = len(features)
    nearest = np.empty((n, k), np.int32)
    for first in range(0, n, at_once):
        cosines = features[first : first + at_once] @ features.T
        rows = np.arange(len(cosines))
        cosines[rows, first + rows] = -np.inf
        nearest[first : first + at_once] = np.argpartition(-cosines, k, axis=1)[:, :k]
    pairs = np.repeat(np.arange(n, dtype=np.int64), k) * n + nearest.ravel()
    reverse = nearest.ravel().astype(np.int64) * n + np.repeat(np.arange(n, dtype=np.int64), k)
    mutual = np.isin(reverse, pairs).reshape(n, k)
    return np.where(mutual, nearest, np.arange(n, dtype=np.int32)[:, None])


def companions(neighbours: tf.Tensor, anchors: tf.Tensor, n: int, seed: tf.Tensor) -> tf.Tensor:
    """n of each anchor's neighbours, drawn at random: indices (n_way, n).

    neighbours: (n_images, k). anchors: (n_way,).
    """
    choice = tf.random.stateless_uniform((len(anchors), n), seed, maxval=neighbours.shape[1], dtype=tf.int32)
    return tf.gather(tf.gather(neighbours, anchors), choice, axis=1, batch_dims=1)
