"""PyTorch, a loop over tasks with create_graph=True, in the way of learn2learn and MAML-Pytorch."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch

from ..maml_problem import META_LR, MamlProblem
from .torch_conv4 import batch, keras_weights, loss_of, parameters


def build(problem: MamlProblem, checked: bool) -> tuple[Callable[[], float], Callable[[], list[np.ndarray]]]:
    weights = [weight.requires_grad_() for weight in parameters(problem)]
    update = torch.optim.Adam(weights, META_LR) if not checked else torch.optim.SGD(weights, 1.0)
    tasks = batch(problem)

    def step() -> float:
        loss = meta_loss(problem, weights, tasks)
        update.zero_grad()
        loss.backward()
        update.step()
        return loss.item()

    return step, lambda: keras_weights(problem, weights)


def meta_loss(problem: MamlProblem, weights: list[torch.Tensor], tasks: dict[str, torch.Tensor]) -> torch.Tensor:
    """The mean loss of the tasks' queries after adapting the weights to each support."""
    losses = []
    for task in range(problem.tasks):
        fast = weights
        for _ in range(problem.inner_steps):
            loss = loss_of(problem, fast, tasks["support_images"][task], tasks["support_labels"][task])
            gradients = torch.autograd.grad(loss, fast, create_graph=not problem.first_order)
            fast = [w - problem.inner_lr * g for w, g in zip(fast, gradients, strict=True)]
        losses.append(loss_of(problem, fast, tasks["query_images"][task], tasks["query_labels"][task]))
    return torch.stack(losses).mean()
