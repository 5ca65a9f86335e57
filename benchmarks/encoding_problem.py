"""Encoding a set of images with the VAE as numbers, the same for every candidate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from .vae_problem import IMAGE_SHAPE, VaeProblem, encoding_flops


@dataclass(frozen=True)
class EncodingProblem:
    """Sizes of the work: as many images as Omniglot's training classes have, about."""

    learner: ClassVar = "maml"  # whose kernels the commands would choose
    n_images: int = 24_000

    @property
    def model(self) -> VaeProblem:
        """The VAE that encodes."""
        return VaeProblem()

    def images(self) -> np.ndarray:
        """uint8, (n_images, 28, 28, 1)."""
        return np.random.default_rng(8).integers(0, 256, (self.n_images, *IMAGE_SHAPE), np.uint8)

    def flops(self) -> float:
        return self.n_images * encoding_flops()
