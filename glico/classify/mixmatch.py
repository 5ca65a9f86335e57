"""MixMatch: labels are guessed for images without them, and all images and labels are mixed.

David Berthelot, Nicholas Carlini, Ian Goodfellow, Nicolas Papernot, Avital Oliver, Colin Raffel: "MixMatch: a holistic
approach to semi-supervised learning", NeurIPS 2019, https://arxiv.org/abs/1905.02249. Equations are that paper's.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from ...training.distribution import replica_seed
from .classifier import MixedClassifier

OF_MIXMATCH = -1  # what is folded into a step's seed


class MixMatchClassifier(MixedClassifier):
    """Learns from labelled images, and from as many at a step whose labels it guesses.

    unlabelled: uint8 (n, height, width, channels), which labels are guessed for; the labelled images may be among them.
    n_augmentations: K, over which a guess is averaged. temperature: T, below 1 sharpens guesses (equation 7).
    alpha: of the Beta distribution that ratios of MixUp are drawn from (equation 8).
    guess_weight: lambda_u, the weight of the squared error of guesses, reached after ramp_steps from 0 along a line.
    The other arguments and `fit` are `MixedClassifier`'s; a sampler's images take the places of labelled ones.
    Batch normalization takes the statistics of the batch for guesses too, and does not keep them, as in the authors'
    code (https://github.com/google-research/mixmatch/blob/master/mixmatch.py), whose settings are the defaults. Guesses
    are made without dropout, which their networks do not have: half of a network guesses worse. Theirs interleaves
    labelled and other images and keeps the statistics of the first part; here all are one batch. The averaged weights
    that the paper evaluates are the optimizer's (`use_ema`); moving statistics are those of the weights themselves.
    Raises ValueError for a loss other than cross-entropy, with MixUp, which is part of this, without images, and for
    a number out of its range.
    """

    def __init__(
        self,
        *args: Any,
        unlabelled: np.ndarray,
        n_augmentations: int = 2,
        temperature: float = 0.5,
        alpha: float = 0.75,
        guess_weight: float = 75.0,
        ramp_steps: int = 16_000,
        **kwargs: Any,
    ):
        super().__init__(*args, **kwargs)
        if kwargs.get("loss", "cross-entropy") != "cross-entropy" or self.mixup is not None:
            raise ValueError("MixMatch has a loss and MixUp of its own: choose loss cross-entropy, and no mixup")
        if not len(unlabelled):
            raise ValueError("MixMatch needs images to guess labels for, and there are none")
        if n_augmentations < 1:
            raise ValueError(f"n_augmentations is {n_augmentations}; it must be 1 or more")
        if not (temperature > 0 and alpha > 0):
            raise ValueError(f"temperature is {temperature:g} and alpha {alpha:g}; both must be above 0")
        if not (guess_weight >= 0 and ramp_steps >= 0):
            raise ValueError(f"guess_weight is {guess_weight:g} and ramp_steps {ramp_steps}; neither may be below 0")
        self.unlabelled = tf.constant(unlabelled)
        self.guesser = without_dropout(self.network)
        self.n_augmentations, self.temperature, self.alpha = n_augmentations, temperature, alpha
        self.guess_weight, self.ramp_steps = guess_weight, ramp_steps

    def train_step(self, batch: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        step = tf.cast(self.optimizer.iterations, tf.int32)
        seed = tf.random.experimental.stateless_fold_in(replica_seed(tf.stack([self.seed, step])), OF_MIXMATCH)
        draw_seed, order_seed, ratio_seed = tf.unstack(tf.random.experimental.stateless_split(seed, 3))
        n = tf.shape(batch["index"])[0]
        labelled = self.augmentation(self.mixed(batch["index"]), training=True)  # (n, h, w, c)
        others, guesses = self._guessed(n, draw_seed)  # (K n, h, w, c), (K n, n_classes)
        images = tf.concat([labelled, tf.cast(others, labelled.dtype)], axis=0)
        targets = tf.concat([self._one_hot(batch["label"]), guesses], axis=0)
        n_all = tf.shape(images)[0]
        order = tf.random.experimental.stateless_shuffle(tf.range(n_all), order_seed)
        images, targets = mixed_up(images, targets, order, beta(n_all, self.alpha, ratio_seed))
        weight = ramp(step, self.guess_weight, self.ramp_steps)

        def loss_of(logits: tf.Tensor) -> tf.Tensor:
            of_labels = tf.reduce_mean(self.loss_function(targets[:n], logits[:n]))
            of_guesses = tf.reduce_mean(tf.square(targets[n:] - tf.nn.softmax(logits[n:])))  # equation 4
            return of_labels + weight * of_guesses  # equation 5

        logits, loss = self.descend(images, loss_of)
        return self._record(tf.argmax(targets[:n], axis=1, output_type=tf.int32), logits[:n], loss)

    def _guessed(self, n: tf.Tensor, seed: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """n random images in K augmentations each, and for all of an image's the same sharpened guess."""
        indices = tf.random.stateless_uniform((n,), seed, maxval=len(self.unlabelled), dtype=tf.int32)
        images = tf.cast(tf.gather(self.unlabelled, indices), tf.float32) / 255.0
        augmented = [self.augmentation(images, training=True) for _ in range(self.n_augmentations)]
        every = tf.concat(augmented, axis=0)  # (K n, h, w, c)
        weights, state = (self.guesser.trainable_variables, self.guesser.non_trainable_variables)
        logits, _ = self.guesser.stateless_call(weights, state, every, training=True)
        chances = tf.nn.softmax(tf.cast(logits, tf.float32))
        mean = tf.add_n(tf.split(chances, self.n_augmentations)) / self.n_augmentations  # (n, n_classes), equation 6
        return every, tf.stop_gradient(tf.tile(sharpened(mean, self.temperature), (self.n_augmentations, 1)))


def without_dropout(network: keras.Model) -> keras.Model:
    """The network on its own layers and weights, but for dropout, at whose place nothing happens."""

    def kept(layer: keras.layers.Layer) -> keras.layers.Layer:
        return keras.layers.Identity() if isinstance(layer, keras.layers.Dropout) else layer

    return keras.models.clone_model(network, clone_function=kept, recursive=True)


def sharpened(chances: tf.Tensor, temperature: float) -> tf.Tensor:
    """Probabilities (n, n_classes) to the power of 1/T, and again of sum 1 (equation 7)."""
    logarithms = tf.math.log(tf.maximum(chances, 1e-37))
    return tf.nn.softmax(logarithms / temperature)  # powers themselves would underflow at small temperatures


def beta(n: tf.Tensor, alpha: float, seed: tf.Tensor) -> tf.Tensor:
    """n draws of Beta(alpha, alpha), from the seed (2,) alone."""
    first, second = (
        tf.random.stateless_gamma((n,), each, alpha)
        for each in tf.unstack(tf.random.experimental.stateless_split(seed, 2))
    )
    return first / (first + second)


def mixed_up(images: tf.Tensor, targets: tf.Tensor, order: tf.Tensor, ratios: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Each image (n, h, w, c) and target (n, n_classes) blended with that at its place in the order (n,).

    ratios: (n,), of which each stays nearer to itself than to the other: max(ratio, 1 - ratio) (equations 9 to 11).
    """
    own = tf.maximum(ratios, 1.0 - ratios)
    of_images = tf.cast(own, images.dtype)[:, None, None, None]
    mixed_images = of_images * images + (1 - of_images) * tf.gather(images, order)
    return mixed_images, own[:, None] * targets + (1 - own[:, None]) * tf.gather(targets, order)


def ramp(step: tf.Tensor, weight: float, ramp_steps: int) -> tf.Tensor:
    """The weight at a step, from 0 along a line up to ramp_steps; all of it where these are none."""
    return weight * (tf.minimum(1.0, tf.cast(step, tf.float32) / ramp_steps) if ramp_steps else tf.constant(1.0))
