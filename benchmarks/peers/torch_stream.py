"""LASIUM's synthetic tasks in PyTorch: random out-of-class, anchors at images, in the latent space of the VAE."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
import torch.nn.functional as F

from .encoding_torch import encode_all
from .torch_vae import TorchVae

CLOSE_PAIRS = 0.05  # this share of all pairs counts as too close
OF_THE_BORDER = 0.9  # how far a vector may go towards another class: both as `lasium.tasks` has them


@dataclass
class TorchStream:
    """Batches of tasks: support (tasks, n_way, k_shot, 1, 28, 28) and queries (tasks, n_way, n_query, 1, 28, 28).

    vae: in evaluation. images: uint8 (n, 1, 28, 28). shift: of the queries, in pixels.
    """

    vae: TorchVae
    images: torch.Tensor
    alpha: float
    tasks: int
    n_way: int
    k_shot: int
    n_query: int
    shift: int

    def __post_init__(self) -> None:
        self.latents = encode_all(self.vae, self.images)  # (n, 20)
        some = self.latents[torch.randint(len(self.latents), (200,))]
        self.epsilon = torch.pdist(some).quantile(CLOSE_PAIRS).item()

    @torch.inference_mode()
    def __iter__(self) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        while True:
            yield self.batch()

    @torch.inference_mode()
    def batch(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Support and queries, as the class says."""
        anchors = torch.stack([self._anchors() for _ in range(self.tasks)])  # (tasks, n_way), of images
        moved = torch.stack([self._others(self.latents[of_task]) for of_task in anchors])  # (tasks, n_way, s - 1, 20)
        firsts = self.images[anchors] / 255.0  # (tasks, n_way, 1, 28, 28)
        made = self.vae.generate(moved.flatten(0, 2)).view(*moved.shape[:3], *firsts.shape[2:])
        images = torch.cat([firsts[:, :, None], made], dim=2)  # (tasks, n_way, s, 1, 28, 28)
        support, queries = images[:, :, : self.k_shot], images[:, :, self.k_shot :]
        return support, shifted(queries.flatten(0, 2), self.shift).view(queries.shape)

    def _anchors(self) -> torch.Tensor:
        """Indices (n_way,) of images whose latents are at least epsilon apart."""
        chosen = torch.randint(len(self.latents), (self.n_way,))
        while True:
            some = self.latents[chosen]
            close = (torch.cdist(some, some) < self.epsilon) | (chosen[:, None] == chosen)
            again = close.tril(-1).any(dim=1)
            if not again.any():
                return chosen
            chosen[again] = torch.randint(len(self.latents), (int(again.sum()),))

    def _others(self, anchors: torch.Tensor) -> torch.Tensor:
        """(n_way, s - 1, 20): from each anchor towards random vectors that are out of its class."""
        n = self.k_shot + self.n_query - 1
        rows = anchors.repeat_interleave(n, dim=0)
        of_class = torch.arange(self.n_way).repeat_interleave(n)
        chosen = torch.randint(len(self.latents), (len(rows),))
        while True:
            distances = (self.latents[chosen] - rows).norm(dim=1)
            repeated = (chosen[:, None] == chosen) & (of_class[:, None] == of_class)
            again = (distances < self.epsilon) | (distances == 0) | repeated.tril(-1).any(dim=1)
            if not again.any():
                break
            chosen[again] = torch.randint(len(self.latents), (int(again.sum()),))
        towards = self.latents[chosen].view(self.n_way, n, -1)
        return anchors[:, None] + keep_in_class(self.alpha * (towards - anchors[:, None]), anchors)


def keep_in_class(offsets: torch.Tensor, anchors: torch.Tensor) -> torch.Tensor:
    """Offsets (n_way, n, d) shortened where they would end nearer to another of the anchors (n_way, d)."""
    directions = anchors[None] - anchors[:, None]  # (n_way, n_way, d)
    half_squared = directions.square().sum(dim=-1)[:, None] / 2  # (n_way, 1, n_way)
    along = torch.einsum("ind,ijd->inj", offsets, directions)  # (n_way, n, n_way)
    reach = torch.where(half_squared > 0, along / half_squared, 0.0).amax(dim=-1)
    return offsets * torch.where(reach < OF_THE_BORDER, 1.0, OF_THE_BORDER / reach)[..., None]


def shifted(images: torch.Tensor, most: int) -> torch.Tensor:
    """Images (n, 1, height, width), each moved by up to so many pixels along both axes; what comes in is 0."""
    n, _, side, _ = images.shape
    padded = F.pad(images, (most,) * 4)
    rows, columns = (torch.randint(2 * most + 1, (n, 1)) + torch.arange(side) for _ in range(2))  # (n, side)
    moved = padded[torch.arange(n)[:, None, None], :, rows[:, :, None], columns[:, None, :]]  # (n, side, side, 1)
    return moved.permute(0, 3, 1, 2)
