"""One step of a classifier on a batch of real and sampled images as numbers, the same for every candidate."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .glico_problem import CHANNELS, SIDE, GlicoProblem

DEPTH, WIDTH = 16, 4
GROUPS = ((16 * WIDTH, 1), (32 * WIDTH, 2), (64 * WIDTH, 2))  # channels and stride of the first block
BLOCKS = (DEPTH - 4) // 6  # of a group
LEARNING_RATE, MOMENTUM, WEIGHT_DECAY = 0.1, 0.9, 5e-4
RATIOS = (0.1, 0.2, 0.3, 0.4)


@dataclass(frozen=True)
class ClassifierProblem:
    """Sizes of the work: WRN-16-4 on batches of the authors' size, of which a share p is sampled.

    augmented: flips and shifts by up to 4 pixels. shift: the normalizations' at first; 3 keeps nearly all activations
    away from the kink of ReLU, where the last bit of a sum decides over a gradient.
    """

    n_images: int = 500
    n_classes: int = 10
    batch_size: int = 128
    p: float = 0.5
    augmented: bool = True
    shift: float = 0.0

    @property
    def model(self) -> GlicoProblem:
        """The generative model that is sampled."""
        return GlicoProblem(self.n_images, self.n_classes, self.batch_size)

    def weights(self) -> list[np.ndarray]:
        """Of the network, in Keras's order and layout."""
        rng = np.random.default_rng(3)

        def kernel(size: int, before: int, channels: int) -> np.ndarray:
            return rng.normal(0.0, (2 / (size**2 * before)) ** 0.5, (size, size, before, channels))

        def scale_and_shift(channels: int) -> list[np.ndarray]:
            return [np.ones(channels), np.full(channels, self.shift)]

        weights, before = [kernel(3, CHANNELS, 16)], 16
        for channels, _ in GROUPS:
            for _ in range(BLOCKS):
                weights += [*scale_and_shift(before), kernel(3, before, channels), *scale_and_shift(channels)]
                weights += [kernel(1, before, channels)] if channels != before else []
                weights.append(kernel(3, channels, channels))
                before = channels
        weights += [*scale_and_shift(before), rng.normal(0.0, before**-0.5, (before, self.n_classes))]
        weights.append(np.zeros(self.n_classes))
        return [weight.astype(np.float32) for weight in weights]

    def flops(self) -> float:
        """Of the convolutions of a step, a multiply-add being two: those of the network three times, forward and
        backward, and the generator's forward for the share that is sampled."""
        network, before, side = 2.0 * 9 * CHANNELS * 16 * SIDE**2, 16, SIDE
        for channels, stride in GROUPS:
            side //= stride
            for _ in range(BLOCKS):
                network += 2.0 * side**2 * (9 * before * channels + 9 * channels**2)
                network += 2.0 * side**2 * before * channels if channels != before else 0.0
                before = channels
        return self.batch_size * (3 * network + self.p * self.model.generator_flops())
