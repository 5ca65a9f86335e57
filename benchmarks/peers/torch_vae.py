"""The VAE in PyTorch, of layers as its documentation has them; images (n, 1, 28, 28)."""

from __future__ import annotations

import torch
from torch import nn

from ..vae_problem import CHANNELS, DECODED, ENCODED_SIDES, FILTERS, LATENT_DIM
from .torch_mirrored import DenseOfMap, DenseToMap, batch_norm


class TorchVae(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        before = CHANNELS
        for _ in ENCODED_SIDES:
            layers += [nn.Conv2d(before, FILTERS, 3, stride=2, padding=1), batch_norm(FILTERS), nn.ReLU()]
            before = FILTERS
        self.body = nn.Sequential(*layers, nn.Flatten())
        self.mean = DenseOfMap(FILTERS, ENCODED_SIDES[-1], LATENT_DIM)
        self.log_variance = DenseOfMap(FILTERS, ENCODED_SIDES[-1], LATENT_DIM)
        side = DECODED[0][1]
        layers = [DenseToMap(LATENT_DIM, FILTERS, side), nn.ReLU(), nn.Unflatten(1, (FILTERS, side, side))]
        for stride, _ in DECODED:
            layers.append(nn.ConvTranspose2d(FILTERS, FILTERS, 3, stride, padding=1, output_padding=stride - 1))
            layers += [batch_norm(FILTERS), nn.ReLU()]
        self.decoder = nn.Sequential(*layers, nn.ConvTranspose2d(FILTERS, CHANNELS, 3, padding=1))

    def encode(self, images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Means and log variances, (n, 20) each."""
        x = self.body(images)  # (n, 256)
        return self.mean(x), self.log_variance(x)

    def generate(self, latents: torch.Tensor) -> torch.Tensor:
        """(n, 20) to images (n, 1, 28, 28) in [0, 1]."""
        return torch.sigmoid(self.decoder(latents))
