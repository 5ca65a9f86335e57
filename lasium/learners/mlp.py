"""A multilayer perceptron with dropout.

The authors of CACTUs stop its training by the queries' own labels; here it takes as many steps as it is told.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import keras
import numpy as np
import tensorflow as tf


class MLPClassifier:
    """A hidden layer of ReLUs with dropout, learned by `steps` of Adam on the whole support.

    Every task starts from the same weights, and drops the same units, those of the seed. The defaults were
    chosen on validation classes (docs/results/glyphs.md).
    """

    def __init__(self, units: int = 512, dropout: float = 0.5, steps: int = 100, seed: int = 0):
        self.units, self.dropout, self.steps, self.seed = units, dropout, steps, seed

    def probabilities(self, support: np.ndarray, labels: np.ndarray, queries: np.ndarray) -> np.ndarray:
        learned = _learning(support.shape[1], int(labels.max()) + 1, self.units, self.dropout, self.steps, self.seed)
        return learned(*map(tf.constant, (support, labels, queries))).numpy()


@lru_cache(maxsize=8)
def _learning(
    n_features: int, n_way: int, units: int, dropout: float, steps: int, seed: int
) -> Callable[[tf.Tensor, tf.Tensor, tf.Tensor], tf.Tensor]:
    """A function of support, labels and queries, whose variables are set back before it learns a task."""
    glorot = keras.initializers.GlorotUniform
    network = keras.Sequential(
        [
            keras.Input((n_features,)),
            keras.layers.Dense(units, "relu", kernel_initializer=glorot(seed), dtype="float32"),
            keras.layers.Dropout(dropout, seed=seed, dtype="float32"),
            keras.layers.Dense(n_way, kernel_initializer=glorot(seed + 1), dtype="float32"),
        ]
    )
    optimizer = keras.optimizers.Adam()
    optimizer.build(network.trainable_variables)
    variables = [*network.variables, *optimizer.variables]  # the dropout's state among them
    start = [variable.numpy() for variable in variables]

    @tf.function(reduce_retracing=True)
    def learn(support: tf.Tensor, labels: tf.Tensor, queries: tf.Tensor) -> tf.Tensor:
        for variable, value in zip(variables, start, strict=True):
            variable.assign(value)
        for _ in tf.range(steps):
            with tf.GradientTape() as tape:
                logits = network(support, training=True)  # (n_support, n_way)
                loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits))
            optimizer.apply(tape.gradient(loss, network.trainable_variables), network.trainable_variables)
        return tf.nn.softmax(network(queries, training=False))  # (n_queries, n_way)

    return learn
