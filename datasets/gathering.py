"""Reads images by their indices inside TensorFlow's graphs, wherever the images are kept."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import tensorflow as tf

from .image_store import Images, check_images


def gatherer(images: Images) -> Callable[[tf.Tensor], tf.Tensor]:
    """A function from indices of any shape to images: uint8, (*indices.shape, height, width, channels).

    Raises ValueError for what is no such images.
    """
    check_images(images)
    if isinstance(images, np.ndarray):
        pixels = tf.constant(images)
        return lambda indices: tf.gather(pixels, indices)

    def gather(indices: tf.Tensor) -> tf.Tensor:
        found = tf.numpy_function(images.__getitem__, [indices], tf.uint8)
        return tf.ensure_shape(found, (*indices.shape, *images.shape[1:]))

    return gather


def image_reader(images: Images) -> Callable[[tf.Tensor], tf.Tensor]:
    """The same with what the modules pass between them: float32 in [0, 1]."""
    gather = gatherer(images)
    return lambda indices: tf.cast(gather(indices), tf.float32) / 255.0
