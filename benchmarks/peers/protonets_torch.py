"""PyTorch: ProtoNets' step on all tasks at once, in the way of easy-few-shot-learning; images (n, 1, 28, 28)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from ..protonets_problem import LEARNING_RATE, TEMPERATURE, ProtoNetsProblem
from .torch_mirrored import batch_norm, images_to_torch, load, weights_of


def build(problem: ProtoNetsProblem, checked: bool) -> tuple[Callable[[], float], Callable[[], list[np.ndarray]]]:
    network = _conv4(problem.episodes.filters)
    load(network, problem.weights())
    parameters = network.parameters()
    update = torch.optim.Adam(parameters, LEARNING_RATE) if not checked else torch.optim.SGD(parameters, 1.0)
    arrays, n_way = problem.batch(), problem.n_way
    of_class = [
        arrays[name].reshape(problem.tasks, n_way, -1, 28, 28, 1) for name in ("support_images", "query_images")
    ]
    images = images_to_torch(np.concatenate(of_class, axis=2).reshape(-1, 28, 28, 1))  # (tasks n_way s, 1, 28, 28)

    def step() -> float:
        features = network(images)
        if problem.similarity == "cosine":
            features = F.normalize(features)
        features = features.view(problem.tasks, n_way, -1, features.shape[-1])  # (tasks, n_way, s, f)
        loss = _loss(problem, features)
        update.zero_grad()
        loss.backward()
        update.step()
        return loss.item()

    return step, lambda: weights_of(network)


def _loss(problem: ProtoNetsProblem, features: torch.Tensor) -> torch.Tensor:
    """The mean cross-entropy of the queries, of features (tasks, n_way, s, f)."""
    turns = range(features.shape[2]) if problem.alternate_support else range(1)
    return torch.stack([_loss_of_turn(problem, features.roll(-turn, dims=2)) for turn in turns]).mean()


def _loss_of_turn(problem: ProtoNetsProblem, features: torch.Tensor) -> torch.Tensor:
    """The first k_shot images of each class are its support."""
    n_tasks, n_way, _, n_features = features.shape
    centres = features[:, :, : problem.k_shot].mean(dim=2)  # (tasks, n_way, f)
    queries = features[:, :, problem.k_shot :].reshape(n_tasks, -1, n_features)  # (tasks, n_way n_query, f)
    if problem.similarity == "cosine":
        logits = queries @ F.normalize(centres, dim=-1).transpose(1, 2) / TEMPERATURE
    else:
        logits = -torch.cdist(queries, centres).square()
    labels = torch.arange(n_way).repeat_interleave(problem.n_query).repeat(n_tasks)
    return F.cross_entropy(logits.flatten(0, 1), labels)


def _conv4(filters: int) -> nn.Module:
    layers: list[nn.Module] = []
    before = 1
    for _ in range(4):
        layers += [nn.Conv2d(before, filters, 3, stride=2, padding=1, bias=False), batch_norm(filters), nn.ReLU()]
        before = filters
    return nn.Sequential(*layers, nn.Flatten())
