"""Endless streams of batches whose order is a function of a seed and nothing else."""

from __future__ import annotations

import numpy as np
import tensorflow as tf


def index_batches(n: int, batch_size: int, seed: int, start: int = 0) -> tf.data.Dataset:
    """Batches (batch_size,) of different indices below n, int64; each pass is in an order of its own.

    start: the batch to begin with. Batch i of a seed is the same wherever the stream began: the order of pass e is a
    permutation computed from (seed, e). Of each pass, what does not fill a batch is left out.
    Raises ValueError where a batch is larger than n, or has no image.
    """
    if batch_size < 1:
        raise ValueError(f"a batch of {batch_size} images: it must have 1 or more")
    if n < batch_size:
        raise ValueError(f"a batch of {batch_size} images cannot be drawn from {n}: choose a smaller batch_size")
    batches_per_pass = n // batch_size

    def batch(number: tf.Tensor) -> tf.Tensor:
        passes, position = number // batches_per_pass, number % batches_per_pass
        positions = position * batch_size + tf.range(batch_size, dtype=tf.int64)
        seeds = tf.stack([tf.cast(seed, tf.int64), passes])
        return tf.random.experimental.index_shuffle(positions, seeds, tf.constant(n - 1, tf.int64))

    numbers = tf.data.Dataset.range(start, np.iinfo(np.int64).max)
    return without_autotuning(numbers.map(batch, num_parallel_calls=tf.data.AUTOTUNE))


def without_autotuning(dataset: tf.data.Dataset) -> tf.data.Dataset:
    """The same elements, from an iterator that ends when it is asked to; so does that of what is made of it.

    TensorFlow's autotuning sleeps between two looks at a pipeline, each time twice as long, up to a minute, and an
    iterator often waits for it to wake before it goes: a training or evaluation of 21 seconds ended after 41.
    """
    options = tf.data.Options()
    options.autotune.enabled = False
    return dataset.with_options(options)
