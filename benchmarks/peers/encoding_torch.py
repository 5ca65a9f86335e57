"""PyTorch: the VAE's means of a set of images, batch by batch."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch

from ..encoding_problem import EncodingProblem
from .torch_mirrored import images_to_torch, load
from .torch_vae import TorchVae

AT_ONCE = 256


def build(problem: EncodingProblem, checked: bool) -> tuple[Callable[[], float], Callable[[], list[np.ndarray]]]:
    vae = TorchVae().eval()
    load(vae, problem.model.weights())
    images = images_to_torch(problem.images())  # uint8
    latents: list[np.ndarray] = []  # which is what candidates are compared by

    def step() -> float:
        latents[:] = [encode_all(vae, images).numpy()]
        return float(np.mean(latents[0] ** 2))

    return step, lambda: latents or [np.array(0.0)]


@torch.inference_mode()
def encode_all(vae: TorchVae, images: torch.Tensor) -> torch.Tensor:
    """(n, 20) of uint8 images (n, 1, 28, 28)."""
    return torch.cat([vae.encode(some / 255.0)[0] for some in images.split(AT_ONCE)])
