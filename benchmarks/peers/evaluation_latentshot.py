"""The library's evaluation of a batch of tasks, by the function that `evaluate` runs."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np
import tensorflow as tf

from ...training.determinism import seed_everything
from ..maml_problem import MamlProblem
from .latentshot_maml import batch, learner


def build(problem: MamlProblem, checked: bool) -> tuple[Callable[[], float], Callable[[], list[np.ndarray]]]:
    seed_everything(0)  # and so deterministic operations, as in the commands
    model = learner(problem)
    model.compile()
    model.make_test_function()
    tasks, labels = batch(problem)
    batches = itertools.repeat((tasks, labels))
    losses: list[np.ndarray] = []  # of the tasks, which is what candidates are compared by

    def step() -> float:
        model.reset_metrics()
        mean = float(model.test_function(batches)["loss"])
        if checked:
            each = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, model.test_logits(tasks))
            losses[:] = [tf.reduce_mean(each, axis=1).numpy()]
        return mean

    return step, lambda: losses or [np.array(0.0)]
