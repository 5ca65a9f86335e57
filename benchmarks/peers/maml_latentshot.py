"""The library's own step, by the function that `fit` runs."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import keras
import numpy as np

from ...training.determinism import seed_everything
from ..maml_problem import META_LR, MamlProblem
from .latentshot_maml import batch, learner


def build(problem: MamlProblem, checked: bool) -> tuple[Callable[[], float], Callable[[], list[np.ndarray]]]:
    seed_everything(0)  # and so deterministic operations, as in the commands
    model = learner(problem)
    model.compile(keras.optimizers.Adam(META_LR) if not checked else keras.optimizers.SGD(1.0))
    model.make_train_function()
    batches = itertools.repeat(batch(problem))

    def step() -> float:
        model.reset_metrics()
        return float(model.train_function(batches)["loss"])

    return step, lambda: [variable.numpy() for variable in model.network.trainable_variables]
