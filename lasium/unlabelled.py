"""The stream of unlabelled images that generators are trained on."""

from __future__ import annotations

import numpy as np
import tensorflow as tf


def image_batches(images: np.ndarray, batch_size: int, seed: int, start: int = 0) -> tf.data.Dataset:
    """An endless stream of batches, each epoch in an order of its own.

    images: uint8, (n, height, width, channels). Batches are float32 in [0, 1], (batch_size, height, width, channels).
    start: the batch to begin with. Batch i of a seed is the same wherever the stream began: the order of epoch e is a
    permutation computed from (seed, e).
    Raises ValueError where there are fewer images than a batch takes.
    """
    n = len(images)
    if n < batch_size:
        raise ValueError(f"a batch of {batch_size} images cannot be drawn from {n}: choose a smaller batch_size")
    pixels = tf.constant(images)
    batches_per_epoch = n // batch_size

    def batch(index: tf.Tensor) -> tf.Tensor:
        epoch, position = index // batches_per_epoch, index % batches_per_epoch
        positions = position * batch_size + tf.range(batch_size, dtype=tf.int64)
        order = tf.random.experimental.index_shuffle(positions, tf.stack([seed, epoch]), tf.cast(n - 1, tf.int64))
        return tf.cast(tf.gather(pixels, order), tf.float32) / 255.0

    indices = tf.data.Dataset.range(start, np.iinfo(np.int64).max)
    return indices.map(batch, num_parallel_calls=tf.data.AUTOTUNE).prefetch(tf.data.AUTOTUNE)
