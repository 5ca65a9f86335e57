"""The streams of batches that generative model and classifiers are trained on: indices and labels of images."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from .batches import index_batches


def labelled_batches(labels: np.ndarray, batch_size: int, seed: int, start: int = 0) -> tf.data.Dataset:
    """{"index": (batch_size,), "label": (batch_size,)}, int32, endless, no image twice in a batch.

    labels: (n,), -1 where there is none: these images are left out.
    start: the batch to begin with; batch i of a seed is the same wherever the stream began.
    Raises ValueError where a batch is larger than the labelled images are many, or has no image.
    """
    labelled = np.flatnonzero(labels >= 0)
    places = index_batches(len(labelled), batch_size, seed, start)
    return _with_labels(places.map(lambda place: tf.gather(labelled, place)), labels)


def mixed_batches(
    labels: np.ndarray, n_labelled: int, labelled_per_batch: int, batch_size: int, seed: int, start: int = 0
) -> tf.data.Dataset:
    """Batches as of `labelled_batches` of which so many images are among the first n_labelled, and the others not.

    labels: (n,), -1 where there is none. Raises ValueError where there are not as many images of either kind, and
    where a batch has none of one.
    """
    ours = index_batches(n_labelled, labelled_per_batch, seed, start)
    theirs = index_batches(len(labels) - n_labelled, batch_size - labelled_per_batch, seed + 1, start)
    both = tf.data.Dataset.zip(ours, theirs).map(lambda a, b: tf.concat([a, n_labelled + b], axis=0))
    return _with_labels(both, labels)


def _with_labels(batches: tf.data.Dataset, labels: np.ndarray) -> tf.data.Dataset:
    table = tf.constant(labels, tf.int32)
    samples = batches.map(lambda index: {"index": tf.cast(index, tf.int32), "label": tf.gather(table, index)})
    return samples.prefetch(2)
