"""The classifier's training: real images mixed with sampled ones (Azuri and Weinshall 2020, section IV-B)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Literal

import keras
import numpy as np
import tensorflow as tf

from ...training.choices import check_one_of
from ...training.distribution import replica_seed, replica_share

Loss = Literal["cross-entropy", "cosine"]
# For each image: Keras's loss classes would average over a device's part of the batch alone.
_LOSSES = {
    "cross-entropy": partial(keras.losses.categorical_crossentropy, from_logits=True),
    # Barz and Denzler 2020, https://arxiv.org/abs/1901.09054: minus the cosine of the logits and the one-hot label.
    "cosine": keras.losses.cosine_similarity,
}


class MixedClassifier(keras.Model):
    """Learns classes from a small sample, each image of a batch being replaced by a new one with probability p.

    network: images (n, height, width, channels) in [0, 1] to logits (n, n_classes).
    images: the training images, uint8 (n, height, width, channels). augmentation: a layer that changes batches of them.
    sampler: makes the new images of indices and a seed, as `LatentSampler`; None trains on real ones alone, the
        baseline.
    mixup: blends the images and the labels of a batch, last.
    loss: `cross-entropy`, in nats, or `cosine`. weight_decay: half of it times the squares of all kernels is added.
    seed: of the replacement and the sampling, which depend on it and the optimizer's iteration alone.
    `fit` takes {"index": (n,), "label": (n,)}; `evaluate` takes (images in [0, 1], labels). Both log `loss`, without
    the decay, `top1` and `top5`, in percent, under MixUp of the label that weighs more.
    Raises ValueError for a p outside [0, 1], a weight decay below 0 and another loss.
    """

    def __init__(
        self,
        network: keras.Model,
        images: np.ndarray,
        augmentation: keras.Layer,
        sampler: Callable[[tf.Tensor, tf.Tensor], tf.Tensor] | None = None,
        p: float = 0.5,
        mixup: keras.layers.MixUp | None = None,
        loss: Loss = "cross-entropy",
        weight_decay: float = 5e-4,
        seed: int = 0,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        if not 0 <= p <= 1:
            raise ValueError(f"p is {p:g}; the share of sampled images must lie between 0 and 1")
        if not weight_decay >= 0:
            raise ValueError(f"weight_decay is {weight_decay:g}; it must be 0 or more")
        check_one_of("loss", loss, _LOSSES)
        self.network, self.augmentation, self.mixup, self.sampler = network, augmentation, mixup, sampler
        self.p, self.weight_decay, self.seed = p, weight_decay, seed
        self.loss_function = _LOSSES[loss]
        self.images = tf.constant(images)
        self.trackers = {name: keras.metrics.Mean(name) for name in ("loss", "top1", "top5")}
        self.built = True

    def compile(self, optimizer: keras.Optimizer, **kwargs: Any) -> None:  # type: ignore[override]
        """Without XLA unless asked: on CPUs it is no faster here, and AutoAugment calls Python."""
        super().compile(optimizer=optimizer, **{"jit_compile": False, **kwargs})

    def call(self, images: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Logits (n, n_classes) of images (n, height, width, channels) in [0, 1]."""
        return self.network(images, training=training)

    @property
    def metrics(self) -> list[keras.Metric]:
        return list(self.trackers.values())

    def train_step(self, batch: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        images = self.augmentation(self.mixed(batch["index"]), training=True)  # (n, h, w, c)
        targets = self._one_hot(batch["label"])  # (n, n_classes)
        if self.mixup is not None:
            blended = self.mixup({"images": images, "labels": targets}, training=True)
            images, targets = blended["images"], blended["labels"]
        logits, loss = self.descend(images, lambda logits: tf.reduce_mean(self.loss_function(targets, logits)))
        return self._record(tf.argmax(targets, axis=1, output_type=tf.int32), logits, loss)

    def descend(self, images: tf.Tensor, loss_of: Callable[[tf.Tensor], tf.Tensor]) -> tuple[tf.Tensor, tf.Tensor]:
        """A step down the loss of the images' logits, and of the decay: the logits (n, n_classes), and the former."""
        variables = self.network.trainable_variables
        with tf.GradientTape() as tape:
            logits = self(images, training=True)  # (n, n_classes)
            loss = loss_of(logits)
            scaled_loss = self.optimizer.scale_loss(replica_share(loss + self._decay()))
        self.optimizer.apply(tape.gradient(scaled_loss, variables), variables)
        return logits, loss

    def test_step(self, batch: tuple[tf.Tensor, tf.Tensor]) -> dict[str, tf.Tensor]:
        images, labels = batch
        logits = self(images, training=False)
        return self._record(labels, logits, tf.reduce_mean(self.loss_function(self._one_hot(labels), logits)))

    def mixed(self, indices: tf.Tensor) -> tf.Tensor:
        """The images (n, height, width, channels) in [0, 1] of this step, each real or, with probability p, sampled."""
        real = tf.cast(tf.gather(self.images, indices), tf.float32) / 255.0
        if self.sampler is None:
            return real
        seed = replica_seed(tf.stack([self.seed, tf.cast(self.optimizer.iterations, tf.int32)]))
        choice_seed, sample_seed = tf.unstack(tf.random.experimental.stateless_split(seed, 2))
        replaced = tf.where(tf.random.stateless_uniform(tf.shape(indices), choice_seed) < self.p)  # (m, 1)
        sampled = self.sampler(tf.gather(indices, replaced[:, 0]), sample_seed)  # (m, h, w, c): those alone are made
        return tf.tensor_scatter_nd_update(real, replaced, tf.cast(sampled, tf.float32))

    def _decay(self) -> tf.Tensor:
        """On kernels, not on biases or the scales and shifts of normalization."""
        kernels = [weight for weight in self.network.trainable_variables if len(weight.shape) > 1]
        return self.weight_decay * tf.add_n([tf.nn.l2_loss(kernel.value) for kernel in kernels])

    def _one_hot(self, labels: tf.Tensor) -> tf.Tensor:
        return tf.one_hot(labels, self.network.output_shape[-1])

    def _record(self, labels: tf.Tensor, logits: tf.Tensor, loss: tf.Tensor) -> dict[str, tf.Tensor]:
        self.trackers["loss"].update_state(loss, sample_weight=tf.size(labels))
        right = choices(labels, logits)  # (n, 5)
        self.trackers["top1"].update_state(100.0 * right[:, 0])
        self.trackers["top5"].update_state(100.0 * tf.reduce_sum(right, axis=1))
        return self.get_metrics_result()


def choices(labels: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
    """1 where the label (n,) is the first, second ... fifth choice by the logits (n, n_classes), else 0: (n, 5)."""
    best = tf.math.top_k(logits, min(5, logits.shape[-1])).indices
    return tf.cast(best == tf.cast(labels, tf.int32)[:, None], tf.float32)


def sgd(
    steps: int,
    learning_rate: float = 0.1,
    momentum: float = 0.9,
    drops: Sequence[float] | None = (0.3, 0.6, 0.8),
    drop_factor: float = 0.2,
) -> keras.optimizers.SGD:
    """SGD with Nesterov's momentum, its learning rate times drop_factor at each of the drops, or falling steadily.

    drops: shares of the steps; the default is the authors' epochs 60, 120 and 160 of 200. None: along half a cosine to
        0 (Loshchilov and Hutter 2017, equation 5 with a single period, https://arxiv.org/abs/1608.03983).
    """
    schedules = keras.optimizers.schedules
    if drops is None:
        schedule = schedules.CosineDecay(learning_rate, steps)
    else:
        rates = [learning_rate * drop_factor**n for n in range(len(drops) + 1)]
        schedule = schedules.PiecewiseConstantDecay([int(share * steps) for share in drops], rates)
    return keras.optimizers.SGD(schedule, momentum=momentum, nesterov=True)
