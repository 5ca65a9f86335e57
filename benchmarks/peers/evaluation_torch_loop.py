"""PyTorch, task by task, in the way of learn2learn and MAML-Pytorch."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch

from ..maml_problem import MamlProblem
from .torch_conv4 import batch, loss_of, parameters


def build(problem: MamlProblem, checked: bool) -> tuple[Callable[[], float], Callable[[], list[np.ndarray]]]:
    initial = parameters(problem)
    tasks = batch(problem)

    losses: list[float] = []  # of the tasks, which is what candidates are compared by

    def step() -> float:
        losses.clear()
        for task in range(problem.tasks):
            fast = adapted(problem, initial, tasks["support_images"][task], tasks["support_labels"][task])
            with torch.no_grad():
                losses.append(loss_of(problem, fast, tasks["query_images"][task], tasks["query_labels"][task]).item())
        return float(np.mean(losses))

    return step, lambda: [np.array(losses or 0.0)]


def adapted(
    problem: MamlProblem, initial: list[torch.Tensor], images: torch.Tensor, labels: torch.Tensor
) -> list[torch.Tensor]:
    """The weights after the problem's steps on a support set."""
    fast = [weight.clone().requires_grad_() for weight in initial]
    for _ in range(problem.inner_steps):
        gradients = torch.autograd.grad(loss_of(problem, fast, images, labels), fast)
        with torch.no_grad():
            fast = [w - problem.inner_lr * g for w, g in zip(fast, gradients, strict=True)]
        fast = [w.requires_grad_() for w in fast]
    return fast
