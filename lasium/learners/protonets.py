"""Prototypical networks.

Jake Snell, Kevin Swersky, Richard Zemel: "Prototypical networks for few-shot learning", NeurIPS 2017,
https://arxiv.org/abs/1703.05175; hyperparameters in Khodadadeh et al. 2020, table 6.
"""

from __future__ import annotations

from typing import Any, Literal, get_args

import keras
import tensorflow as tf

from ...training.choices import check_one_of
from .learner import FewShotLearner, State

Similarity = Literal["euclidean", "cosine"]


class ProtoNets(FewShotLearner):
    """Learns features in which a query belongs to the class with the nearest mean of support features.

    network: images (n, height, width, channels) to features (n, n_features).
    similarity: of a query to a prototype, the logits. `euclidean`: minus the squared distance, as in the paper.
        `cosine`: the cosine over `temperature`, of features whose length is 1 before they are averaged (as in SimCLR,
        Chen et al. 2020, https://arxiv.org/abs/2002.05709, equation 1, whose negatives are here the other classes).
    alternate_support: in training every image of a class is in turn its support, and the others its queries, so that a
        task is as many tasks as a class has images; as all pairs of a class are learned from in Khosla et al. 2020
        (https://arxiv.org/abs/2004.11362). It takes tasks as `task_stream` makes them, the images of a class together.
    A label below the highest that no support image has is a class of probability 0.
    Raises ValueError for another similarity, and for a temperature that is not above 0.
    """

    def __init__(
        self,
        network: keras.Model,
        similarity: Similarity = "euclidean",
        temperature: float = 0.1,
        alternate_support: bool = False,
        **kwargs: Any,
    ):
        check_one_of("similarity", similarity, get_args(Similarity))
        if not temperature > 0:
            raise ValueError(f"temperature is {temperature:g}; it must be above 0")
        super().__init__(network, **kwargs)
        self.similarity, self.temperature, self.alternate_support = similarity, temperature, alternate_support

    def with_network(self, network: keras.Model) -> ProtoNets:
        """The same learner, compiled for evaluation, on another network."""
        learner = ProtoNets(network, self.similarity, self.temperature, self.alternate_support)
        learner.compile()
        return learner

    def on_features(self, n_features: int) -> ProtoNets:
        """The same learner for tasks whose images (n, height, width, channels) are replaced by `embed`'s of them."""
        inputs = keras.Input((n_features,))
        return self.with_network(keras.Model(inputs, keras.layers.Identity(dtype="float32")(inputs)))

    def train_step(self, data: tuple[dict[str, tf.Tensor], tf.Tensor]) -> dict[str, Any]:
        tasks, query_labels = data
        if self.alternate_support:
            query_labels = tf.tile(query_labels, (1, images_per_class(tasks)))  # (tasks, s n_way n_query)
        return super().train_step((tasks, query_labels))

    def call(self, tasks: dict[str, tf.Tensor], training: bool = False) -> tf.Tensor:
        """As a learner's; in training with alternate_support (tasks, s n_way n_query, n_way), s images a class."""
        support, queries = tasks["support_images"], tasks["query_images"]  # (tasks, s, h, w, c), (tasks, q, h, w, c)
        n_support = tf.shape(support)[1]
        images = tf.concat([support, queries], axis=1)
        flat = tf.reshape(images, tf.concat([[-1], tf.shape(images)[2:]], axis=0))  # (tasks (s + q), h, w, c)
        features = self._features(flat, training)  # (tasks (s + q), f)
        features = tf.reshape(features, tf.concat([tf.shape(images)[:2], [-1]], axis=0))  # (tasks, s + q, f)
        if training and self.alternate_support:
            return self._alternating(features[:, :n_support], features[:, n_support:], tasks["support_labels"])
        centres = prototypes(features[:, :n_support], tasks["support_labels"])  # (tasks, n_way, f)
        return self._logits_of_present(features[:, n_support:], centres)  # (tasks, q, n_way)

    def embed(self, images: tf.Tensor) -> tf.Tensor:
        """Features (n, n_features), of length 1 where the similarity is the cosine."""
        return self._features(images, training=False)

    def adapted(self, images: tf.Tensor, labels: tf.Tensor) -> State:
        """The prototypes (n_way, n_features)."""
        return {"prototypes": prototypes(self.embed(images)[None], labels[None])[0]}

    def adapted_logits(self, state: State, queries: tf.Tensor) -> tf.Tensor:
        return self._logits_of_present(self.embed(queries)[None], state["prototypes"][None])[0]

    def _features(self, images: tf.Tensor, training: bool) -> tf.Tensor:
        features = tf.cast(self.network(images, training=training), tf.float32)  # (n, f)
        return tf.math.l2_normalize(features, axis=-1) if self.similarity == "cosine" else features

    def _alternating(self, support: tf.Tensor, queries: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
        """Logits (tasks, s n_way n_query, n_way) of features (tasks, n_way k_shot, f), (tasks, n_way n_query, f)."""
        n_tasks, n_way, n_features = tf.shape(labels)[0], tf.reduce_max(labels) + 1, tf.shape(support)[-1]
        of_class = [tf.reshape(part, (n_tasks, n_way, -1, n_features)) for part in (support, queries)]
        k_shot, n_query = (tf.shape(part)[2] for part in of_class)
        s = k_shot + n_query
        turns = (tf.range(s)[:, None] + tf.range(s)) % s  # (s, s), in row i image i comes first
        in_turn = tf.gather(tf.concat(of_class, axis=2), turns, axis=2)  # (tasks, n_way, s, s, f)
        in_turn = tf.reshape(tf.transpose(in_turn, (0, 2, 1, 3, 4)), (n_tasks * s, n_way, s, n_features))
        centres = tf.reduce_mean(in_turn[:, :, :k_shot], axis=2)  # (tasks s, n_way, f)
        others = tf.reshape(in_turn[:, :, k_shot:], (n_tasks * s, n_way * n_query, n_features))
        return tf.reshape(self._logits(others, centres), (n_tasks, s * n_way * n_query, n_way))

    def _logits_of_present(self, queries: tf.Tensor, centres: tf.Tensor) -> tf.Tensor:
        """`_logits`, and -inf for classes whose prototype is NaN."""
        missing = tf.reduce_any(tf.math.is_nan(centres), axis=-1)  # (tasks, n_way)
        return tf.where(missing[:, None], float("-inf"), self._logits(queries, centres))

    def _logits(self, queries: tf.Tensor, centres: tf.Tensor) -> tf.Tensor:
        """(tasks, q, n_way) of queries (tasks, q, f) and prototypes (tasks, n_way, f)."""
        if self.similarity == "euclidean":
            return -squared_distances(queries, centres)
        return tf.matmul(queries, tf.math.l2_normalize(centres, axis=-1), transpose_b=True) / self.temperature


def images_per_class(tasks: dict[str, tf.Tensor]) -> tf.Tensor:
    """k_shot + n_query of tasks in which every class has as many."""
    n_images = tf.shape(tasks["support_images"])[1] + tf.shape(tasks["query_images"])[1]
    return n_images // (tf.reduce_max(tasks["support_labels"]) + 1)


def prototypes(features: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
    """Mean features of each class (Snell et al., equation 1): (tasks, n_way, f) of (tasks, s, f), labels (tasks, s).

    n_way is the highest label and 1; a class that no label names has NaN.
    """
    members = tf.one_hot(labels, tf.reduce_max(labels) + 1)  # (tasks, s, n_way)
    return tf.einsum("tsn,tsf->tnf", members, features) / tf.reduce_sum(members, axis=1)[..., None]


def squared_distances(a: tf.Tensor, b: tf.Tensor) -> tf.Tensor:
    """Squared Euclidean distances of (tasks, n, f) and (tasks, m, f): (tasks, n, m)."""
    return tf.reduce_sum(tf.math.squared_difference(a[:, :, None], b[:, None]), axis=-1)
