"""One step of ProtoNets as numbers, the same for every candidate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from .maml_problem import MamlProblem

LEARNING_RATE = 0.002
TEMPERATURE = 0.025  # of the strong recipe for handwriting


@dataclass(frozen=True)
class ProtoNetsProblem:
    """Sizes of the work: those of the paper's tasks. conv4 by strides, without a head."""

    learner: ClassVar = "protonets"  # whose kernels the commands would choose

    n_way: int = 5
    k_shot: int = 1
    n_query: int = 5
    tasks: int = 4
    similarity: Literal["euclidean", "cosine"] = "euclidean"
    alternate_support: bool = False

    @property
    def episodes(self) -> MamlProblem:
        """The same images and network."""
        return MamlProblem(
            n_way=self.n_way,
            k_shot=self.k_shot,
            n_query=self.n_query,
            tasks=self.tasks,
            inner_steps=1,
            first_order=True,
        )

    def weights(self) -> list[np.ndarray]:
        """In Keras's order and layout."""
        return self.episodes.weights()[:-2]

    def batch(self) -> dict[str, np.ndarray]:
        """As `MamlProblem.batch`."""
        return self.episodes.batch()

    def flops(self) -> float:
        """Of the convolutions of a step, a multiply-add being two: every image forward and backward, once."""
        return self.episodes.flops()


# What `--recipe strong` trains on Omniglot (lasium.experiment.presets).
STRONG = ProtoNetsProblem(n_way=64, n_query=3, tasks=1, similarity="cosine", alternate_support=True)
