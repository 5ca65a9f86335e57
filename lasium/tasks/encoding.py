"""Latents of whole sets of images, each encoded once, and tasks of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from ...datasets.gathering import image_reader
from ...datasets.image_store import Images
from ...datasets.progress import with_progress
from .stream import TaskShape, TaskSource

AT_ONCE = 64  # images of 224 pixels take VGG-19 to 2 GB


def encode_all(encode: Callable[[tf.Tensor], tf.Tensor], images: Images, description: str) -> tf.Tensor:
    """Latents or features (n, d) of uint8 images (n, height, width, channels).

    encode: images (n, height, width, channels), float32 in [0, 1], to (n, d).
    """
    read = image_reader(images)
    encode_some = tf.function(lambda indices: encode(read(indices)), input_signature=[tf.TensorSpec([None], tf.int64)])
    places = tf.range(len(images), dtype=tf.int64)
    batches = [places[start : start + AT_ONCE] for start in range(0, len(images), AT_ONCE)]
    return tf.concat([encode_some(batch) for batch in with_progress(batches, description)], axis=0)


class Latents:
    """Latents of sets of images by a generator's or an embedding's `encode`, each set encoded when first asked for."""

    def __init__(self, encode: Callable[[tf.Tensor], tf.Tensor]):
        self.encode = encode
        self.found: list[tuple[Images, tf.Tensor]] = []

    def of(self, images: Images) -> tf.Tensor:
        """(n, latent_dim) of uint8 images (n, height, width, channels)."""
        for known, latents in self.found:
            if known is images:
                return latents
        self.found.append((images, encode_all(self.encode, images, "encoding the test images")))
        return self.found[-1][1]


class EncodedSource:
    """The tasks of another source, with an image's features in the image's place.

    source: one whose plans are indices of images. features: of these images, (n_images, n_features).
    """

    def __init__(self, source: TaskSource, features: tf.Tensor):
        self.source, self.features = source, features
        self.image_shape: Any = features.shape[1:]

    def plan(self, shape: TaskShape, seed: tf.Tensor) -> tf.Tensor:
        return self.source.plan(shape, seed)

    def render(self, plans: tf.Tensor) -> tf.Tensor:
        return tf.gather(self.features, plans)
