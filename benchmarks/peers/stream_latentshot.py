"""The library's stream of synthetic tasks."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ...lasium.augmentation.affine import RandomAffine
from ...lasium.tasks.augmentation import TaskAugmentation
from ...lasium.tasks.strategies import RandomOutOfClass
from ...lasium.tasks.stream import TaskShape, task_stream
from ...lasium.tasks.synthetic import SyntheticSource
from ...training.determinism import seed_everything
from ..stream_problem import ALPHA, StreamProblem, in_order
from .vae_latentshot import vae


def build(problem: StreamProblem, checked: bool) -> tuple[Callable[[], float], Callable[[], list[np.ndarray]]]:
    seed_everything(0)
    source = SyntheticSource(vae(problem.model), RandomOutOfClass(ALPHA), images=problem.images())
    shape = TaskShape(problem.n_way, problem.k_shot, problem.n_query)
    shifted = TaskAugmentation(query=RandomAffine(problem.shift)) if problem.shift else None
    stream = task_stream(source, shape, problem.tasks, 0, shifted, n_batches=problem.batches)
    made: list[np.ndarray] = []  # support and queries of the last batch, which is what candidates are compared by

    def step() -> float:
        for tasks, _ in stream:  # from its beginning, so that nothing is fetched in advance in the others' time
            made[:] = [tasks["support_images"].numpy(), tasks["query_images"].numpy()]
        return float(np.mean(made[1]))

    return step, lambda: in_order(problem, *made) if made else [np.array(0.0)] * 2
