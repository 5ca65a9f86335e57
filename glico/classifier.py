"""The classifier's training: real images mixed with sampled ones (Azuri and Weinshall 2020, section IV-B)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from .sampling import LatentSampler

DROPS = (0.3, 0.6, 0.8)  # of the schedule: epochs 60, 120 and 160 of 200, as the authors'
DROP = 0.2  # what the learning rate is multiplied by


class MixedClassifier(keras.Model):
    """Learns classes from a small sample, each image of a batch being replaced by a new one with probability p.

    network: images (n, height, width, channels) in [0, 1] to logits (n, n_classes).
    images: the training images, uint8 (n, height, width, channels). augmentation: a layer that changes batches of them.
    sampler: makes the new images; None trains on real ones alone, the baseline.
    seed: of the replacement and the sampling, which depend on it and the optimizer's iteration alone.
    `fit` takes {"index": (n,), "label": (n,)}; `evaluate` takes (images in [0, 1], labels). Both log `loss`, in nats
    and with the network's weight decay, `top1` and `top5`, in percent.
    Raises ValueError for a p outside [0, 1].
    """

    def __init__(
        self,
        network: keras.Model,
        images: np.ndarray,
        augmentation: keras.Layer,
        sampler: LatentSampler | None = None,
        p: float = 0.5,
        seed: int = 0,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        if not 0 <= p <= 1:
            raise ValueError(f"p is {p:g}; the share of sampled images must lie between 0 and 1")
        self.network, self.augmentation, self.p, self.seed = network, augmentation, p, seed
        self.sampler: Callable[[tf.Tensor, tf.Tensor], tf.Tensor] | None = sampler
        self.images = tf.constant(images)
        self.trackers = {name: keras.metrics.Mean(name) for name in ("loss", "top1", "top5")}
        self.built = True

    def call(self, images: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Logits (n, n_classes) of images (n, height, width, channels) in [0, 1]."""
        return self.network(images, training=training)

    @property
    def metrics(self) -> list[keras.Metric]:
        return list(self.trackers.values())

    def train_step(self, batch: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        images = self.augmentation(self.mixed(batch["index"]), training=True)  # (n, h, w, c)
        variables = self.network.trainable_variables
        with tf.GradientTape() as tape:
            logits = self(images, training=True)  # (n, n_classes)
            loss = _cross_entropy(batch["label"], logits) + sum(self.network.losses)
            scaled_loss = self.optimizer.scale_loss(loss)
        self.optimizer.apply(tape.gradient(scaled_loss, variables), variables)
        return self._record(batch["label"], logits, loss)

    def test_step(self, batch: tuple[tf.Tensor, tf.Tensor]) -> dict[str, tf.Tensor]:
        images, labels = batch
        logits = self(images, training=False)
        return self._record(labels, logits, _cross_entropy(labels, logits) + sum(self.network.losses))

    def mixed(self, indices: tf.Tensor) -> tf.Tensor:
        """The images (n, height, width, channels) in [0, 1] of this step, each real or, with probability p, sampled."""
        real = tf.cast(tf.gather(self.images, indices), tf.float32) / 255.0
        if self.sampler is None:
            return real
        seed = tf.stack([self.seed, tf.cast(self.optimizer.iterations, tf.int32)])
        choice_seed, sample_seed = tf.unstack(tf.random.experimental.stateless_split(seed, 2))
        replaced = tf.random.stateless_uniform(tf.shape(indices), choice_seed) < self.p
        return tf.where(replaced[:, None, None, None], self.sampler(indices, sample_seed), real)

    def _record(self, labels: tf.Tensor, logits: tf.Tensor, loss: tf.Tensor) -> dict[str, tf.Tensor]:
        self.trackers["loss"].update_state(loss, sample_weight=tf.size(labels))
        best = tf.math.top_k(logits, min(5, logits.shape[-1])).indices  # (n, 5), in order
        right = tf.cast(best == tf.cast(labels, tf.int32)[:, None], tf.float32)  # one 1 at most in a row
        self.trackers["top1"].update_state(100.0 * right[:, 0])
        self.trackers["top5"].update_state(100.0 * tf.reduce_sum(right, axis=1))
        return self.get_metrics_result()


def sgd(steps: int, learning_rate: float = 0.1, momentum: float = 0.9) -> keras.optimizers.SGD:
    """SGD with Nesterov's momentum, its learning rate times 0.2 at 30, 60 and 80 % of the steps."""
    drops = [int(share * steps) for share in DROPS]
    rates = [learning_rate * DROP**n for n in range(len(drops) + 1)]
    schedule = keras.optimizers.schedules.PiecewiseConstantDecay(drops, rates)
    return keras.optimizers.SGD(schedule, momentum=momentum, nesterov=True)


def _cross_entropy(labels: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
    return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits))
