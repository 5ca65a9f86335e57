"""PyTorch: the VAE's step."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
import torch.nn.functional as F

from ..vae_problem import LEARNING_RATE, VaeProblem
from .torch_mirrored import images_to_torch, load, weights_of
from .torch_vae import TorchVae


def build(problem: VaeProblem, checked: bool) -> tuple[Callable[[], float], Callable[[], list[np.ndarray]]]:
    vae = TorchVae()
    load(vae, problem.weights())
    update = (
        torch.optim.Adam(vae.parameters(), LEARNING_RATE) if not checked else torch.optim.SGD(vae.parameters(), 1.0)
    )
    images = images_to_torch(problem.images())
    given = torch.tensor(problem.noise()) if checked else None

    def step() -> float:
        loss = loss_of(vae, images, given)
        update.zero_grad()
        loss.backward()
        update.step()
        return loss.item()

    return step, lambda: weights_of(vae)


def loss_of(vae: TorchVae, images: torch.Tensor, noise: torch.Tensor | None = None) -> torch.Tensor:
    """The negative evidence lower bound per image, in nats. noise: (n, 20), otherwise drawn."""
    mean, log_variance = vae.encode(images)
    noise = torch.randn_like(mean) if noise is None else noise
    logits = vae.decoder(mean + torch.exp(0.5 * log_variance) * noise)
    reconstruction = F.binary_cross_entropy_with_logits(logits, images, reduction="sum") / len(images)
    return reconstruction + 0.5 * (mean.square() + log_variance.exp() - log_variance - 1).sum() / len(images)
