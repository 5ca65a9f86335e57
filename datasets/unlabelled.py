"""The stream of unlabelled images that generators are trained on."""

from __future__ import annotations

import tensorflow as tf

from .batches import index_batches
from .gathering import image_reader
from .image_store import Images


def image_batches(images: Images, batch_size: int, seed: int, start: int = 0) -> tf.data.Dataset:
    """An endless stream of batches, each pass in an order of its own: float32 in [0, 1], (batch_size, h, w, channels).

    images: uint8, (n, height, width, channels).
    start: the batch to begin with; batch i of a seed is the same wherever the stream began.
    Raises ValueError for what is no such images, or where there are fewer than a batch takes.
    """
    read = image_reader(images)
    batches = index_batches(len(images), batch_size, seed, start)
    return batches.map(read, num_parallel_calls=tf.data.AUTOTUNE).prefetch(2)
