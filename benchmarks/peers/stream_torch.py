"""PyTorch: synthetic tasks."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch

from ..stream_problem import ALPHA, StreamProblem, in_order
from .torch_mirrored import images_to_keras, images_to_torch, load
from .torch_stream import TorchStream
from .torch_vae import TorchVae


def build(problem: StreamProblem, checked: bool) -> tuple[Callable[[], float], Callable[[], list[np.ndarray]]]:
    vae = TorchVae().eval()
    load(vae, problem.model.weights())
    images = images_to_torch(problem.images())
    stream = TorchStream(
        vae, images, ALPHA, problem.tasks, problem.n_way, problem.k_shot, problem.n_query, problem.shift
    )
    made: list[np.ndarray] = []  # support and queries of the last batch, which is what candidates are compared by

    def step() -> float:
        for _ in range(problem.batches):
            made[:] = [_in_keras_layout(part) for part in stream.batch()]
        return float(np.mean(made[1]))

    return step, lambda: in_order(problem, *made) if made else [np.array(0.0)] * 2


def _in_keras_layout(images: torch.Tensor) -> np.ndarray:
    """(tasks, n_way, s, 1, 28, 28) to (tasks n_way s, 28, 28, 1)."""
    return images_to_keras(images.flatten(0, 2))
