"""How far made images are from those that are classified in the end, by the features of a network (figure 1)."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import tensorflow as tf

from ...datasets import Dataset
from ...models.applications import application
from ...models.encoder import features_by
from ...models.feature_distances import frechet_distance, kernel_distance
from ...training.files import read_json, write_json
from ...training.precision import precision
from .config import GlicoConfig
from .sample import Sample

MOST = 10_000  # images of either kind
BATCH = 20  # that the network sees at a time


class OfClasses(Protocol):
    """What makes images of the classes (n,) from a seed (2,)."""

    def of_classes(self, labels: tf.Tensor, seed: tf.Tensor) -> tf.Tensor: ...


class FeatureDistances:
    """Compares as many made images of each class as there are real ones.

    Raises ValueError and RuntimeError as `application` does.
    """

    def __init__(self, config: GlicoConfig, dataset: Dataset):
        assert config.features is not None, "there is no network to compare by"
        weights = config.features_weights or "imagenet"
        with precision("float32"):  # the same distances whatever the run's own
            network = application(config.features, dataset.image_shape, weights, config.features_side)
        file = [config.features_weights.name] if config.features_weights else []
        self.words = ", ".join([config.features, *file, f"{config.features_side} px"])
        signature = [tf.TensorSpec((None, *dataset.image_shape))]
        self._features = tf.function(features_by(network), input_signature=signature, autograph=False)
        self._known = ("", np.zeros((0, 0)))  # of the real images that were asked for last

    def measured(self, sampler: OfClasses, sample: Sample, file: Path) -> dict[str, Any]:
        """Of made images from those that are classified: `frechet`, `kernel`, and `features`, which says by what.

        `kernel_of_sample` is that of the labelled images themselves. They are fewer, by which a Frechet distance would
        be larger, and a kernel distance is not. Kept in the file, and read from it if it is there.
        Raises ValueError where the file is damaged.
        """
        if not file.exists():
            real = sample.test
            chosen = np.random.default_rng(0).permutation(len(real.labels))[:MOST]
            others = self._of_real(real.images, chosen)
            made = self._of_made(sampler, real.labels[chosen], sample.seed)
            some = np.random.default_rng(1).permutation(sample.n_labelled)[:MOST]
            labelled = self._of_images(sample.labelled.images, some)
            distances = {
                "frechet": frechet_distance(made, others),
                "kernel": kernel_distance(made, others),
                "kernel_of_sample": kernel_distance(labelled, others),
            }
            write_json(file, {**distances, "features": f"{self.words}, {len(chosen)} images"})
        return read_json(file, _is_measured, "remove it to measure again")

    def _of_made(self, sampler: OfClasses, labels: np.ndarray, seed: int) -> np.ndarray:
        """Of one image of each of the classes (n,): features (n, d)."""
        parts = []
        for first in range(0, len(labels), BATCH):
            classes = tf.constant(labels[first : first + BATCH], tf.int32)
            parts.append(self._features(sampler.of_classes(classes, tf.constant([seed, first]))).numpy())
        return np.concatenate(parts)

    def _of_real(self, images: np.ndarray, chosen: np.ndarray) -> np.ndarray:
        """Of the chosen images, the same for both generators: features (n, d)."""
        digest = hashlib.sha256(images.tobytes()).hexdigest()
        if self._known[0] != digest:
            self._known = (digest, self._of_images(images, chosen))
        return self._known[1]

    def _of_images(self, images: np.ndarray, chosen: np.ndarray) -> np.ndarray:
        """Of images[chosen], uint8: features (n, d)."""
        batches = (chosen[first : first + BATCH] for first in range(0, len(chosen), BATCH))
        parts = [self._features(images[batch].astype(np.float32) / np.float32(255)).numpy() for batch in batches]
        return np.concatenate(parts)


def _is_measured(value: Any) -> bool:
    return isinstance(value, dict) and value.keys() == {"frechet", "kernel", "kernel_of_sample", "features"}
