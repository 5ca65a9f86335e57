"""Labels guessed for images without them, so that they take part in sampling: what the paper lacks (section V-D).

Dong-Hyun Lee: "Pseudo-label: the simple and efficient semi-supervised learning method for deep neural networks", ICML
workshop 2013; only where the classifier is sure, as Sohn et al. 2020, https://arxiv.org/abs/2001.07685, section 2.1.
"""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from .model import GLICO, UNLABELLED

BATCH = 100  # images that are shown to the classifier at a time


def pseudo_labels(model: GLICO, labels: np.ndarray, confidence: float = 0.95) -> np.ndarray:
    """The labels (n,) of the images that have a code, those that are -1 guessed by the trained weak classifier."""
    found, unlabelled = labels.copy(), np.flatnonzero(labels == UNLABELLED)
    for start in range(0, len(unlabelled), BATCH):
        indices = unlabelled[start : start + BATCH]
        found[indices] = guessed(model.chances(tf.constant(indices, tf.int32)).numpy(), confidence)
    return found


def guessed(chances: np.ndarray, confidence: float) -> np.ndarray:
    """The likeliest classes (n,) by probabilities (n, n_classes), -1 where the probability is below the confidence."""
    return np.where(chances.max(axis=1) >= confidence, chances.argmax(axis=1), UNLABELLED)
