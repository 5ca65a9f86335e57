"""One meta-step of MAML as numbers, the same for every candidate."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar, Literal

import numpy as np

Downsampling = Literal["stride", "max_pool"]
EPSILON = 1e-3  # of batch normalization, as Keras's
META_LR = 0.001


@dataclass(frozen=True)
class MamlProblem:
    """Sizes of the work; the defaults are the first row of the goals.

    downsampling: `stride` or `max_pool`, as `models.conv4` has them.
    """

    learner: ClassVar = "maml"  # whose kernels the commands would choose

    side: int = 28
    channels: int = 1
    filters: int = 64
    downsampling: Downsampling = "stride"
    n_way: int = 5
    k_shot: int = 1
    n_query: int = 5
    tasks: int = 4
    inner_steps: int = 5
    inner_lr: float = 0.4
    first_order: bool = False

    @property
    def image_shape(self) -> tuple[int, int, int]:
        return self.side, self.side, self.channels

    @property
    def sides(self) -> list[int]:
        """Of the maps before each of the four halvings, and after the last: 28, 14, 7, 4, 2 by stride."""
        sides = [self.side]
        for _ in range(4):
            sides.append(-(-sides[-1] // 2) if self.downsampling == "stride" else sides[-1] // 2)
        return sides

    def weights(self) -> list[np.ndarray]:
        """In Keras's order: kernel (3, 3, in, out), scale and shift of each block, then the head's."""
        rng = np.random.default_rng(0)
        weights: list[np.ndarray] = []
        inputs = self.channels
        for _ in range(4):
            weights.append(rng.normal(0.0, (9 * inputs) ** -0.5, (3, 3, inputs, self.filters)))
            weights += [np.ones(self.filters), np.zeros(self.filters)]
            inputs = self.filters
        features = self.filters * (1 if self.downsampling == "stride" else self.sides[-1] ** 2)
        weights += [rng.normal(0.0, features**-0.5, (features, self.n_way)), np.zeros(self.n_way)]
        return [weight.astype(np.float32) for weight in weights]

    def batch(self) -> dict[str, np.ndarray]:
        """support_images (tasks, n_way k_shot, h, w, c), support_labels, query_images and query_labels."""
        rng = np.random.default_rng(1)
        patterns = rng.random((self.tasks, self.n_way, 1, *self.image_shape))
        images = patterns + rng.normal(
            0.0, 0.3, (self.tasks, self.n_way, self.k_shot + self.n_query, *self.image_shape)
        )
        batch: dict[str, np.ndarray] = {}
        for name, part in (("support", images[:, :, : self.k_shot]), ("query", images[:, :, self.k_shot :])):
            batch[f"{name}_images"] = part.reshape(self.tasks, -1, *self.image_shape).astype(np.float32)
            labels = np.repeat(np.arange(self.n_way, dtype=np.int32), part.shape[2])
            batch[f"{name}_labels"] = np.tile(labels, (self.tasks, 1))
        return batch

    def flops(self) -> float:
        """Of the convolutions of one meta-step, a multiplication and an addition being two.

        A layer's forward pass costs F, its gradient by inputs and weights 2 F, and F in the first layer. Forward and
        backward is an inner step and, differentiated again, 2 times that more; for the queries it is all.
        """
        support, queries = self.n_way * self.k_shot, self.n_way * self.n_query
        inner = (1 if self.first_order else 3) * self.inner_steps * support
        return self.tasks * self._there_and_back() * (inner + queries)

    def _there_and_back(self) -> float:
        """Of one image, forward and backward."""
        first, *others = self._forward()
        return 2 * first + 3 * sum(others)

    def _forward(self) -> list[float]:
        """Of one image, a layer each."""
        layers, inputs = [], self.channels
        for before, after in pairwise(self.sides):
            places = (after if self.downsampling == "stride" else before) ** 2
            layers.append(2.0 * 9 * inputs * self.filters * places)
            inputs = self.filters
        return layers


@dataclass(frozen=True)
class EvaluationProblem(MamlProblem):
    """Adapting to test tasks, of first order, and classifying their queries.

    The defaults are the goal's, with as many tasks as `lasium.evaluation` takes at once.
    """

    n_query: int = 15
    tasks: int = 8
    inner_steps: int = 50
    first_order: bool = True

    def flops(self) -> float:
        support, queries = self.n_way * self.k_shot, self.n_way * self.n_query
        return self.tasks * (self.inner_steps * support * self._there_and_back() + queries * sum(self._forward()))
