"""The library's evaluation of a batch of tasks, by the function that `evaluate` runs."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np

from ...experiment.training import seed_everything
from ..maml_problem import MamlProblem
from .latentshot_maml import batch, learner


def build(problem: MamlProblem, checked: bool) -> tuple[Callable[[], float], Callable[[], list[np.ndarray]]]:
    seed_everything(0)  # and so deterministic operations, as in the commands
    model = learner(problem)
    model.compile()
    model.make_test_function()
    batches = itertools.repeat(batch(problem))

    def step() -> float:
        model.reset_metrics()
        return float(model.test_function(batches)["loss"])

    return step, list
