"""GLICO for digits in PyTorch, of layers as its documentation has them; images (n, 1, 16, 16)."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import nn

from ..digits_run import (
    CODE_LR,
    GAMMA,
    GENERATOR,
    GENERATOR_LR,
    LATENT_DIM,
    N_CLASSES,
    NOISE_DIM,
    RATIOS,
    SIGMA,
    WEAK_CNN,
    P,
)
from .torch_mirrored import batch_norm


class Glico:
    """Codes, a generator and a weak classifier for images (n, 1, 16, 16) in [0, 1] and labels (n,)."""

    def __init__(self, images: torch.Tensor, labels: torch.Tensor):
        self.images, self.labels, self.pyramids = images, labels, pyramid(images)
        self.codes = nn.Embedding.from_pretrained(
            F.normalize(torch.randn(len(images), LATENT_DIM)), freeze=False, sparse=True
        )
        self.generator, self.classifier = generator(), weak_cnn()
        shared = [*self.generator.parameters(), *self.classifier.parameters()]
        self.updates = [
            torch.optim.Adam(shared, GENERATOR_LR),
            torch.optim.SparseAdam(self.codes.parameters(), CODE_LR),
        ]

    def step(self, index: torch.Tensor) -> None:
        made = self.generator(_with_noise(self.codes(index)))
        levels = zip(pyramid(made), self.pyramids, strict=True)
        reconstruction = torch.stack([(ours - theirs[index]).abs().mean() for ours, theirs in levels]).sum()
        loss = reconstruction + GAMMA * F.cross_entropy(self.classifier(made), self.labels[index])
        for update in self.updates:
            update.zero_grad()
        loss.backward()
        for update in self.updates:
            update.step()
        with torch.no_grad():
            self.codes.weight[index] = F.normalize(self.codes.weight[index])

    @torch.no_grad()
    def sample(self, index: torch.Tensor, images: torch.Tensor) -> torch.Tensor:
        """The images (b, 1, 16, 16) of the indices, half of them replaced by new ones of their class."""
        self.generator.eval()
        replaced = torch.rand(len(index)) < P
        chosen = index[replaced]
        same = (self.labels[chosen, None] == self.labels) & (chosen[:, None] != torch.arange(len(self.labels)))
        partners = torch.multinomial(same.float(), 1)[:, 0]
        a, b = self.codes.weight[chosen], self.codes.weight[partners]
        t = torch.tensor(RATIOS)[torch.randint(len(RATIOS), chosen.shape)][:, None]
        angle = torch.arccos((a * b).sum(dim=1, keepdim=True).clamp(-1, 1))
        between = (torch.sin((1 - t) * angle) * a + torch.sin(t * angle) * b) / torch.sin(angle)
        mixed = images.clone()
        mixed[replaced] = self.generator(_with_noise(between))
        return mixed


def generator() -> nn.Module:
    (channels, side), *others = GENERATOR
    layers: list[nn.Module] = [nn.Linear(LATENT_DIM + NOISE_DIM, channels * side**2, bias=False)]
    layers += [nn.Unflatten(1, (channels, side, side)), batch_norm(channels, 0.1), nn.ReLU()]
    before = channels
    for channels, _ in others[:-1]:
        layers.append(nn.ConvTranspose2d(before, channels, 4, stride=2, padding=1, bias=False))
        layers += [batch_norm(channels, 0.1), nn.ReLU()]
        before = channels
    return nn.Sequential(*layers, nn.ConvTranspose2d(before, others[-1][0], 4, stride=2, padding=1), nn.Sigmoid())


def weak_cnn() -> nn.Module:
    layers: list[nn.Module] = []
    before = 1
    for channels, _ in WEAK_CNN:
        layers.append(nn.Conv2d(before, channels, 3, stride=2, padding=1, bias=False))
        layers += [batch_norm(channels, 0.1), nn.LeakyReLU(0.2)]
        before = channels
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(before, N_CLASSES))


def pyramid(images: torch.Tensor) -> list[torch.Tensor]:
    """Of images (n, 1, 16, 16) the Laplacian pyramid: differences of 16 and 8 pixels a side, and the image of 4."""
    levels = []
    while images.shape[-1] >= 8:
        smaller = F.avg_pool2d(images, 2)
        levels.append(images - F.interpolate(smaller, scale_factor=2, mode="bilinear"))
        images = smaller
    return [*levels, images]


def _with_noise(codes: torch.Tensor) -> torch.Tensor:
    return torch.cat([codes, SIGMA * torch.randn(len(codes), NOISE_DIM)], dim=1)
