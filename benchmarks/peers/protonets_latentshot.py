"""The library's own step of ProtoNets, by the function that `fit` runs."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf

from ...lasium.learners.protonets import ProtoNets
from ...models.conv4 import conv4
from ...training.determinism import seed_everything
from ..protonets_problem import LEARNING_RATE, TEMPERATURE, ProtoNetsProblem


def build(problem: ProtoNetsProblem, checked: bool) -> tuple[Callable[[], float], Callable[[], list[np.ndarray]]]:
    seed_everything(0)  # and so deterministic operations, as in the commands
    network = conv4(problem.episodes.image_shape)
    for variable, value in zip(network.trainable_variables, problem.weights(), strict=True):
        variable.assign(value)
    model = ProtoNets(network, problem.similarity, TEMPERATURE, problem.alternate_support)
    model.compile(keras.optimizers.Adam(LEARNING_RATE) if not checked else keras.optimizers.SGD(1.0))
    model.make_train_function()
    tasks = {name: tf.constant(value) for name, value in problem.batch().items()}
    batches = itertools.repeat((tasks, tasks.pop("query_labels")))

    def step() -> float:
        model.reset_metrics()
        return float(model.train_function(batches)["loss"])

    return step, lambda: [variable.numpy() for variable in network.trainable_variables]
