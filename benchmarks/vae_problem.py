"""One step of the VAE of LASIUM's Omniglot experiments as numbers, the same for every candidate."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .library_noise import first_normal

SIDE, CHANNELS = 28, 1
IMAGE_SHAPE = (SIDE, SIDE, CHANNELS)
LATENT_DIM = 20
FILTERS = 64
ENCODED_SIDES = (14, 7, 4, 2)  # of the maps after each convolution
DECODED = ((1, 7), (1, 7), (2, 14), (2, 28))  # stride of each transposed convolution, and the side that it makes
LEARNING_RATE = 0.001


@dataclass(frozen=True)
class VaeProblem:
    """Sizes of the work; the batch is the command's.

    spread: a factor of the means of latents, which differ little at first.
    """

    batch_size: int = 128
    spread: float = 1.0

    def weights(self) -> list[np.ndarray]:
        """Of the encoder and the decoder, in Keras's order and layout."""
        rng = np.random.default_rng(4)

        def kernel(*shape: int, fan_in: int) -> np.ndarray:
            return rng.normal(0.0, (2 / fan_in) ** 0.5, shape)

        def bias_scale_and_shift() -> list[np.ndarray]:
            return [np.zeros(FILTERS), np.ones(FILTERS), np.zeros(FILTERS)]

        weights: list[np.ndarray] = []
        before = CHANNELS
        for _ in ENCODED_SIDES:
            weights += [kernel(3, 3, before, FILTERS, fan_in=9 * before), *bias_scale_and_shift()]
            before = FILTERS
        flat = ENCODED_SIDES[-1] ** 2 * FILTERS
        for factor in (self.spread, 1.0):  # means, log variances
            weights += [factor * kernel(flat, LATENT_DIM, fan_in=16 * flat), np.zeros(LATENT_DIM)]
        flat = DECODED[0][1] ** 2 * FILTERS
        weights += [kernel(LATENT_DIM, flat, fan_in=LATENT_DIM), np.zeros(flat)]
        for stride, _ in DECODED:
            weights += [kernel(3, 3, FILTERS, FILTERS, fan_in=9 * FILTERS // stride**2), *bias_scale_and_shift()]
        weights += [kernel(3, 3, CHANNELS, FILTERS, fan_in=9 * FILTERS), np.zeros(CHANNELS)]
        return [weight.astype(np.float32) for weight in weights]

    def images(self) -> np.ndarray:
        """float32 in [0, 1], (batch_size, 28, 28, 1)."""
        return np.random.default_rng(5).random((self.batch_size, *IMAGE_SHAPE), np.float32)

    def noise(self) -> np.ndarray:
        """What the library draws in its first step, (batch_size, 20): what candidates are compared with."""
        return first_normal(self.batch_size, LATENT_DIM)

    def flops(self) -> float:
        """Of the convolutions and products of a step, a multiply-add being two: forward, and backward by inputs and by
        weights, in the first layer by weights alone."""
        first = 2.0 * 9 * CHANNELS * FILTERS * ENCODED_SIDES[0] ** 2
        return self.batch_size * (3 * (encoding_flops() + decoding_flops()) - first)


def encoding_flops() -> float:
    """Of one image's means and log variances."""
    flops, before = 0.0, CHANNELS
    for side in ENCODED_SIDES:
        flops += 2.0 * 9 * before * FILTERS * side**2
        before = FILTERS
    return flops + 2 * 2.0 * ENCODED_SIDES[-1] ** 2 * FILTERS * LATENT_DIM


def decoding_flops() -> float:
    """Of one image."""
    flops = 2.0 * LATENT_DIM * DECODED[0][1] ** 2 * FILTERS
    for stride, side in DECODED:
        flops += 2.0 * 9 * FILTERS**2 * (side // stride) ** 2  # every place of the smaller map meets the whole kernel
    return flops + 2.0 * 9 * FILTERS * CHANNELS * SIDE**2
