"""The library's own step, by the function that `fit` runs."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf

from ...lasium.maml import MAML
from ...models.conv4 import conv4
from ..maml_problem import META_LR, MamlProblem


def build(problem: MamlProblem, optimizer: str) -> tuple[Callable[[], float], Callable[[], list[np.ndarray]]]:
    network = conv4(problem.image_shape, problem.n_way, problem.filters, problem.downsampling, momentum=0.0)
    for variable, value in zip(network.trainable_variables, problem.weights(), strict=True):
        variable.assign(value)
    learner = MAML(network, problem.inner_lr, problem.inner_steps, first_order=problem.first_order)
    learner.compile(keras.optimizers.Adam(META_LR) if optimizer == "adam" else keras.optimizers.SGD(1.0))
    tasks = {name: tf.constant(value) for name, value in problem.batch().items()}
    labels = tasks.pop("query_labels")
    learner.make_train_function()
    batches = itertools.repeat((tasks, labels))

    def step() -> float:
        learner.reset_metrics()
        return float(learner.train_function(batches)["loss"])

    return step, lambda: [variable.numpy() for variable in network.trainable_variables]
