"""Latents of whole sets of images, each encoded once, and tasks of them."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from ...datasets.gathering import image_reader
from ...datasets.image_store import Images
from ...datasets.progress import with_progress
from ...models.generator import EncodingGenerator
from .stream import TaskShape, TaskSource


def encode_all(generator: EncodingGenerator, images: Images, description: str) -> tf.Tensor:
    """The latents (n, latent_dim) of uint8 images (n, height, width, channels)."""
    read = image_reader(images)
    encode = tf.function(lambda indices: generator.encode(read(indices)))
    batches = tf.data.Dataset.range(len(images)).batch(500)
    return tf.concat([encode(batch) for batch in with_progress(batches, description, len(batches))], axis=0)


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
