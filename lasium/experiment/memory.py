"""Does a step of meta-training fit into the machine? A lower bound, told before anything is allocated."""

from __future__ import annotations

import math

import psutil

from ..learners.learner import FewShotLearner
from ..learners.protonets import ProtoNets
from ..tasks.stream import TaskShape

FLOAT = 4  # bytes


def check_memory(learner: FewShotLearner, shape: TaskShape, meta_batch_size: int) -> None:
    """Raises ValueError where a step of so many tasks needs more memory than the machine has."""
    needed, there = least_bytes(learner, shape, meta_batch_size), psutil.virtual_memory().total
    if needed > there:
        raise ValueError(
            f"a step of {meta_batch_size} {shape.n_way}-way tasks of {shape.k_shot} + {shape.n_query} images a class "
            f"takes {needed / 1e9:.0f} GB of memory or more, and this machine has {there / 1e9:.0f}: lower the classes "
            "of a training task (--train-n-way of protonets, else --n-way), or --meta-batch-size"
        )


def least_bytes(learner: FewShotLearner, shape: TaskShape, meta_batch_size: int) -> int:
    """The images of a step with the largest layer's output for each, and of ProtoNets what compares queries with
    prototypes: their differences, or with cosine similarity one number for each pair."""
    network = learner.network
    outputs = [math.prod(layer.output.shape[1:]) for layer in network.layers]
    n_images = meta_batch_size * shape.n_way * shape.images_per_class
    numbers = n_images * (math.prod(network.input_shape[1:]) + max(outputs))
    if isinstance(learner, ProtoNets):
        pairs = meta_batch_size * shape.n_way**2 * shape.n_query
        numbers += pairs * (network.output_shape[-1] if learner.similarity == "euclidean" else 1)
    return FLOAT * numbers
