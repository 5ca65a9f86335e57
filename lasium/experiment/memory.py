"""Does a step of meta-training fit into the machine? A lower bound, told before anything is allocated."""

from __future__ import annotations

import math

import keras
import tensorflow as tf

from ...training.distribution import n_devices
from ...training.memory import memory_limit
from ..learners.learner import FewShotLearner
from ..learners.protonets import ProtoNets
from ..tasks.stream import TaskShape


def check_memory(learner: FewShotLearner, shape: TaskShape, meta_batch_size: int) -> None:
    """Raises ValueError where a step of so many tasks needs more memory than there is; with a GPU nothing."""
    if tf.config.list_physical_devices("GPU"):
        return
    needed = least_bytes(learner, shape, meta_batch_size // n_devices())
    there = memory_limit()
    if needed > there:
        raise ValueError(
            f"a step of {meta_batch_size} {shape.n_way}-way tasks of {shape.k_shot} + {shape.n_query} images a class "
            f"takes {needed / 1e9:.0f} GB of memory or more, and there are {there / 1e9:.0f}: lower the classes "
            "of a training task (--train-n-way of protonets, else --n-way), or --meta-batch-size"
        )


def least_bytes(learner: FewShotLearner, shape: TaskShape, n_tasks: int) -> int:
    """Of the tasks' images; for ProtoNets also of the largest layer's output for each, and of what compares queries
    with prototypes: their differences, or with cosine similarity a number for each pair. (MAML goes task by task.)
    """
    network = learner.network
    n_images = n_tasks * shape.n_way * shape.images_per_class
    images = tf.float32.size * n_images * math.prod(network.input_shape[1:])
    if not isinstance(learner, ProtoNets):
        return images
    outputs = [getattr(layer, "output", None) for layer in network.layers]
    largest = max(math.prod(each.shape[1:]) for each in outputs if each is not None and None not in each.shape[1:])
    pairs = n_tasks * shape.n_way**2 * shape.n_query
    numbers = n_images * largest + pairs * (network.output_shape[-1] if learner.similarity == "euclidean" else 1)
    return images + tf.as_dtype(keras.config.dtype_policy().compute_dtype).size * numbers
