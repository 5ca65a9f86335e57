"""The library's evaluation of a batch of tasks, by the function that `evaluate` runs."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np
import tensorflow as tf

from ...lasium.maml import MAML
from ...models.conv4 import conv4
from ..maml_problem import MamlProblem


def build(problem: MamlProblem, optimizer: str) -> tuple[Callable[[], float], Callable[[], list[np.ndarray]]]:
    network = conv4(problem.image_shape, problem.n_way, problem.filters, problem.downsampling, momentum=0.0)
    for variable, value in zip(network.trainable_variables, problem.weights(), strict=True):
        variable.assign(value)
    learner = MAML(network, problem.inner_lr, eval_inner_steps=problem.inner_steps)
    learner.compile()
    tasks = {name: tf.constant(value) for name, value in problem.batch().items()}
    labels = tasks.pop("query_labels")
    learner.make_test_function()
    batches = itertools.repeat((tasks, labels))

    def step() -> float:
        learner.reset_metrics()
        return float(learner.test_function(batches)["loss"])

    return step, list
