"""PyTorch: the MSGAN's step, of layers as its documentation has them; images (n, 1, 28, 28)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from ..msgan_problem import (
    BETA_1,
    CHANNELS,
    FILTERS,
    FIRST_SIDE,
    JUDGES,
    LATENT_DIM,
    LEARNING_RATE,
    MODE_SEEKING,
    MsganProblem,
)
from .torch_mirrored import DenseToMap, images_to_torch, load, weights_of


def build(problem: MsganProblem, checked: bool) -> tuple[Callable[[], float], Callable[[], list[np.ndarray]]]:
    generator, discriminator = _generator(), _discriminator()
    arrays = problem.weights()
    load(generator, arrays["generator"])
    load(discriminator, arrays["discriminator"])
    updates = [_optimizer(network, checked) for network in (generator, discriminator)]
    images = images_to_torch(problem.images())
    given = torch.tensor(problem.latents()) if checked else None
    half = problem.batch_size // 2

    def step() -> float:
        latents = torch.randn(len(images), LATENT_DIM) if given is None else given
        fakes = generator(latents)
        judged = discriminator(torch.cat([images, fakes.detach()]))
        discriminator_loss = _cross_entropy(judged[: len(images)], 1.0) + _cross_entropy(judged[len(images) :], 0.0)
        updates[1].zero_grad()
        discriminator_loss.backward()
        updates[1].step()
        discriminator.requires_grad_(False)  # its gradients are not needed for the generator's
        adversarial_loss = _cross_entropy(discriminator(fakes), 1.0)
        image_distance = 2 * (fakes[:half] - fakes[-half:]).abs().mean()  # on the scale [-1, 1]
        latent_distance = (latents[:half] - latents[-half:]).abs().mean()
        loss = adversarial_loss + MODE_SEEKING / (image_distance / latent_distance + 1e-5)
        updates[0].zero_grad()
        loss.backward()
        updates[0].step()
        discriminator.requires_grad_(True)
        return (discriminator_loss + loss).item()

    return step, lambda: [*weights_of(generator), *weights_of(discriminator)]


def _generator() -> nn.Module:
    layers: list[nn.Module] = [DenseToMap(LATENT_DIM, FILTERS, FIRST_SIDE), nn.LeakyReLU(0.2)]
    layers.append(nn.Unflatten(1, (FILTERS, FIRST_SIDE, FIRST_SIDE)))
    for _ in range(2):
        layers += [nn.ConvTranspose2d(FILTERS, FILTERS, 4, stride=2, padding=1), nn.LeakyReLU(0.2)]
    return nn.Sequential(*layers, nn.ConvTranspose2d(FILTERS, CHANNELS, 7, padding=3), nn.Sigmoid())


def _discriminator() -> nn.Module:
    layers: list[nn.Module] = []
    before = CHANNELS
    for filters, _ in JUDGES:
        layers += [nn.Conv2d(before, filters, 3, stride=2, padding=1), nn.LeakyReLU(0.2)]
        before = filters
    return nn.Sequential(*layers, nn.AdaptiveMaxPool2d(1), nn.Flatten(), nn.Linear(before, 1))


def _optimizer(network: nn.Module, checked: bool) -> torch.optim.Optimizer:
    if checked:
        return torch.optim.SGD(network.parameters(), 1.0)
    return torch.optim.Adam(network.parameters(), LEARNING_RATE, (BETA_1, 0.999))


def _cross_entropy(logits: torch.Tensor, target: float) -> torch.Tensor:
    return F.binary_cross_entropy_with_logits(logits, torch.full_like(logits, target))
