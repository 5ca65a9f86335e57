"""PyTorch, all tasks at once by torch.func.vmap."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch.func import grad, grad_and_value, vmap

from ..maml_problem import META_LR, MamlProblem
from .torch_conv4 import batch, keras_weights, loss_of, parameters, plain_batch_norm


def build(problem: MamlProblem, checked: bool) -> tuple[Callable[[], float], Callable[[], list[np.ndarray]]]:
    weights = parameters(problem)
    update = torch.optim.Adam(weights, META_LR) if not checked else torch.optim.SGD(weights, 1.0)
    tasks = batch(problem)
    inner_gradient = grad(lambda w, images, labels: loss_of(problem, w, images, labels, plain_batch_norm))

    def task_loss(initial: list[torch.Tensor], task: dict[str, torch.Tensor]) -> torch.Tensor:
        fast = initial
        for _ in range(problem.inner_steps):
            gradients = inner_gradient(fast, task["support_images"], task["support_labels"])
            if problem.first_order:
                gradients = [gradient.detach() for gradient in gradients]
            fast = [w - problem.inner_lr * g for w, g in zip(fast, gradients, strict=True)]
        return loss_of(problem, fast, task["query_images"], task["query_labels"], plain_batch_norm)

    def meta_loss(initial: list[torch.Tensor]) -> torch.Tensor:
        return vmap(task_loss, in_dims=(None, 0))(initial, tasks).mean()

    gradients_and_loss = grad_and_value(meta_loss)

    def step() -> float:
        gradients, loss = gradients_and_loss(weights)
        for weight, gradient in zip(weights, gradients, strict=True):
            weight.grad = gradient
        update.step()
        return loss.item()

    return step, lambda: keras_weights(problem, weights)
