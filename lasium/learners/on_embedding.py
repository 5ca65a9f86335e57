"""Classifiers that see features in place of images, as few-shot learners.

Kyle Hsu, Sergey Levine, Chelsea Finn: "Unsupervised learning via meta-learning", ICLR 2019,
https://arxiv.org/abs/1810.02334, compare four of them with meta-learning; Khodadadeh et al. 2020, tables 1, 3 and 4.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

import keras
import numpy as np
import tensorflow as tf

from .learner import FewShotLearner

LEAST_PROBABILITY = 1e-12  # so that cross-entropies are finite


class TaskClassifier(Protocol):
    def probabilities(self, support: np.ndarray, labels: np.ndarray, queries: np.ndarray) -> np.ndarray:
        """Of the classes of one task, (n_queries, n_way).

        support, queries: features, (n_support, f) and (n_queries, f). labels: (n_support,), each of 0 to n_way - 1 at
        least once.
        """
        ...


class OnEmbedding(FewShotLearner):
    """Learns each task anew from the features of its support. Nothing is meta-trained.

    network: images (n, height, width, channels) to features (n, n_features).
    It computes outside of TensorFlow's graphs, on one device, and cannot be exported. Within a graph, on one core, the
    only thread would wait for the classifier, and the MLP for the thread.
    """

    def __init__(self, network: keras.Model, classifier: TaskClassifier, **kwargs: Any):
        super().__init__(network, **kwargs)
        self.classifier = classifier

    def compile(self, optimizer: str | keras.optimizers.Optimizer = "adam", **kwargs: Any) -> None:
        super().compile(optimizer, **{"run_eagerly": True, **kwargs})

    def with_network(self, network: keras.Model) -> OnEmbedding:
        """The same classifier on another network."""
        learner = OnEmbedding(network, self.classifier)
        learner.compile()
        return learner

    def on_features(self, n_features: int) -> OnEmbedding:
        """The same learner for tasks whose images (n, height, width, channels) are replaced by `embed`'s of them."""
        inputs = keras.Input((n_features,))
        return self.with_network(keras.Model(inputs, keras.layers.Identity(dtype="float32")(inputs)))

    def call(self, tasks: dict[str, tf.Tensor], training: bool = False) -> tf.Tensor:
        """Logarithms of probabilities in place of logits."""
        support, queries = (self._features(tasks[name]) for name in ("support_images", "query_images"))
        logits = tf.numpy_function(self._of_tasks, [support, tasks["support_labels"], queries], tf.float32)
        return tf.ensure_shape(logits, (*queries.shape[:2], None))  # (tasks, n_way n_query, n_way)

    def logits(self, tasks: dict[str, tf.Tensor]) -> tf.Tensor:
        return self.test_logits(tasks)

    def adapt_and_predict(
        self, support_images: tf.Tensor, support_labels: tf.Tensor, query_images: tf.Tensor
    ) -> tf.Tensor:
        labels = tf.cast(support_labels, tf.int32)
        if len(np.unique(labels)) < 2:
            raise ValueError(f"all {len(labels)} examples are of one class: there is nothing to classify")
        return self._adapt_and_predict(support_images, labels, query_images)

    def embed(self, images: tf.Tensor) -> tf.Tensor:
        return tf.cast(self.network(images, training=False), tf.float32)  # (n, f)

    def export(self, filepath: str | Path, **kwargs: Any) -> None:
        raise ValueError(f"{type(self.classifier).__name__} is no graph of TensorFlow, and cannot be exported")

    def _features(self, images: tf.Tensor) -> tf.Tensor:
        """(tasks, n, f) of (tasks, n, h, w, c)."""
        flat = tf.reshape(images, tf.concat([[-1], tf.shape(images)[2:]], axis=0))  # (tasks n, h, w, c)
        features = tf.reshape(self.embed(flat), tf.concat([tf.shape(images)[:2], [-1]], axis=0))
        return tf.ensure_shape(features, (*images.shape[:2], self.network.output_shape[-1]))

    def _of_tasks(self, support: np.ndarray, labels: np.ndarray, queries: np.ndarray) -> np.ndarray:
        found = [self._of_task(*task) for task in zip(support, labels, queries, strict=True)]
        return np.log(np.maximum(found, LEAST_PROBABILITY)).astype(np.float32)

    def _of_task(self, support: np.ndarray, labels: np.ndarray, queries: np.ndarray) -> np.ndarray:
        """Probabilities (n_queries, n_way), 0 for a class that no label names."""
        present, places = np.unique(labels, return_inverse=True)
        found = np.zeros((len(queries), labels.max() + 1))
        found[:, present] = self.classifier.probabilities(support, places, queries)
        return found
