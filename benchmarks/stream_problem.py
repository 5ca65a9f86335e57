"""Synthetic tasks as numbers, the same for every candidate."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .vae_problem import IMAGE_SHAPE, VaeProblem, decoding_flops

ALPHA = 0.2


@dataclass(frozen=True)
class StreamProblem:
    """Sizes of the work: batches of tasks of the VAE, random out-of-class, anchors at images, queries shifted.

    learner: whose kernels the commands would choose. shift: pixels.
    """

    learner: str = "maml"
    batches: int = 50
    tasks: int = 4
    n_way: int = 5
    k_shot: int = 1
    n_query: int = 5
    n_images: int = 1000
    shift: int = 3

    @property
    def model(self) -> VaeProblem:
        """The VAE that encodes and decodes."""
        return VaeProblem(spread=10.0)

    def images(self) -> np.ndarray:
        """uint8, (n_images, 28, 28, 1): black and white in squares, so that latents differ."""
        squares = np.random.default_rng(9).integers(0, 2, (self.n_images, 7, 7, 1), np.uint8)
        return 255 * squares.repeat(4, axis=1).repeat(4, axis=2)

    def flops(self) -> float:
        """Of decoding, a multiply-add being two: all images but the first of each class."""
        n_made = self.tasks * self.n_way * (self.k_shot + self.n_query - 1)
        return self.batches * n_made * decoding_flops()


def in_order(problem: StreamProblem, support: np.ndarray, queries: np.ndarray) -> list[np.ndarray]:
    """Support and queries of a batch, the classes of a task in the order of their first images' ink, however drawn.

    support, queries: (tasks, n_way s, 28, 28, 1). Returns (tasks, n_way, s, 28, 28, 1) of both.
    """
    parts = [part.reshape(problem.tasks, problem.n_way, -1, *IMAGE_SHAPE) for part in (support, queries)]
    order = np.argsort(parts[0][:, :, 0].mean(axis=(2, 3, 4)), axis=1)  # (tasks, n_way)
    return [np.take_along_axis(part, order[:, :, None, None, None, None], axis=1) for part in parts]
