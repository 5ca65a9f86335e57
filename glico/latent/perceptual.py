"""The perceptual reconstruction loss: L1 between activations of VGG-16 (Azuri and Weinshall 2020, equation 1)."""

from __future__ import annotations

from collections.abc import Sequence

import keras
import numpy as np
import tensorflow as tf

MEASURED = 100  # images, one at a time: the five taps of one image of 256 pixels take 32 MB


class PerceptualLoss:
    """sum_j lambda_j |xi_j(a) - xi_j(b)|, each tap's distance being the mean over its activations.

    features: a frozen model from images (n, height, width, 3) in [0, 1] to a list of activations xi_j.
    weights: lambda_j, one a tap; equal ones that sum to 1 by default ("usually the weighted average").
    pixel_weight: of the mean absolute difference of the pixels, added as the authors' code does; 0 in the paper.
    Raises ValueError for a number of weights other than of taps, and for negative ones.
    """

    def __init__(self, features: keras.Model, weights: Sequence[float] | None = None, pixel_weight: float = 0.0):
        n_taps = len(features.outputs)
        weights = [1.0 / n_taps] * n_taps if weights is None else list(weights)
        if len(weights) != n_taps:
            raise ValueError(f"{len(weights)} weights were given for {n_taps} taps")
        for weight in (*weights, pixel_weight):
            if not 0 <= weight < float("inf"):
                raise ValueError(f"the weights of a loss must be 0 or more, not {weight:g}")
        self.features, self.weights, self.pixel_weight = features, weights, pixel_weight

    def targets(self, images: tf.Tensor) -> list[tf.Tensor]:
        """What `__call__` compares with, computed once for real images: their activations, and the images."""
        return [*_activations(self.features, images), images]

    def __call__(self, generated: tf.Tensor, targets: Sequence[tf.Tensor]) -> tf.Tensor:
        """The loss of each image (n,) of generated images (n, height, width, 3)."""
        *activations, images = targets
        loss = self.pixel_weight * _mean_absolute(generated, images)
        for weight, ours, theirs in zip(self.weights, _activations(self.features, generated), activations, strict=True):
            loss += weight * _mean_absolute(ours, theirs)
        return loss


def _activations(features: keras.Model, images: tf.Tensor) -> list[tf.Tensor]:
    """One for each tap. Keras returns a single output without a list."""
    activations = features(images, training=False)
    return list(activations) if isinstance(activations, (list, tuple)) else [activations]


def _mean_absolute(a: tf.Tensor, b: tf.Tensor) -> tf.Tensor:
    """(n,) of (n, h, w, c), in float32 whatever the precision of the activations."""
    return tf.reduce_mean(tf.abs(tf.cast(a, tf.float32) - tf.cast(b, tf.float32)), axis=[1, 2, 3])


def relative_weights(features: keras.Model, images: np.ndarray, weights: Sequence[float] | None = None) -> list[float]:
    """lambda_j that make each tap's distance one in proportion to its mean activation on the images, times `weights`.

    images: uint8, (n, height, width, 3), of which 100 at most are used, from first to last.
    weights: 1 over the number of taps by default.
    The paper has no values ("usually the weighted average"). VGG-16's activations differ by orders of magnitude
    between taps and are in the hundreds, beside which gamma would mean nothing.
    """
    n_taps = len(features.outputs)
    weights = [1.0 / n_taps] * n_taps if weights is None else list(weights)
    count = min(MEASURED, len(images))
    chosen = images[np.arange(count) * len(images) // count]  # evenly, for a sample's images lie by class
    means = np.zeros(n_taps)
    for image in chosen:
        activations = _activations(features, image[None] / np.float32(255.0))
        means += [float(tf.reduce_mean(tf.abs(tf.cast(tap, tf.float32)))) / len(chosen) for tap in activations]
    return [weight / max(mean, 1e-6) for weight, mean in zip(weights, means, strict=True)]
