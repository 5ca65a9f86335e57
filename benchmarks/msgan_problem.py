"""One step of the MSGAN of LASIUM's Omniglot experiments as numbers, the same for every candidate."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .library_noise import first_normal

SIDE, CHANNELS = 28, 1
IMAGE_SHAPE = (SIDE, SIDE, CHANNELS)
LATENT_DIM = 128
FIRST_SIDE, FILTERS = 7, 128  # of the generator's maps, which are doubled twice
JUDGES = ((64, 14), (128, 7), (128, 4))  # filters and side of each convolution of the discriminator
LEARNING_RATE, BETA_1 = 0.0004, 0.5
MODE_SEEKING = 0.01


@dataclass(frozen=True)
class MsganProblem:
    """Sizes of the work; the batch is the command's."""

    batch_size: int = 32

    def weights(self) -> dict[str, list[np.ndarray]]:
        """Of the `generator` and the `discriminator`, in Keras's order and layout."""
        rng = np.random.default_rng(6)

        def kernel(*shape: int, fan_in: int) -> np.ndarray:
            return rng.normal(0.0, (2 / fan_in) ** 0.5, shape)

        flat = FIRST_SIDE**2 * FILTERS
        generator = [kernel(LATENT_DIM, flat, fan_in=LATENT_DIM), np.zeros(flat)]
        for _ in range(2):  # a place sees 4 of the 16 taps
            generator += [kernel(4, 4, FILTERS, FILTERS, fan_in=4 * FILTERS), np.zeros(FILTERS)]
        generator += [kernel(7, 7, CHANNELS, FILTERS, fan_in=49 * FILTERS), np.zeros(CHANNELS)]
        discriminator: list[np.ndarray] = []
        before = CHANNELS
        for filters, _ in JUDGES:
            discriminator += [kernel(3, 3, before, filters, fan_in=9 * before), np.zeros(filters)]
            before = filters
        discriminator += [kernel(before, 1, fan_in=before), np.zeros(1)]
        groups = {"generator": generator, "discriminator": discriminator}
        return {name: [weight.astype(np.float32) for weight in group] for name, group in groups.items()}

    def images(self) -> np.ndarray:
        """float32 in [0, 1], (batch_size, 28, 28, 1)."""
        return np.random.default_rng(7).random((self.batch_size, *IMAGE_SHAPE), np.float32)

    def latents(self) -> np.ndarray:
        """What the library draws in its first step, (batch_size, 128): what candidates are compared with."""
        return first_normal(self.batch_size, LATENT_DIM)

    def flops(self) -> float:
        """Of the convolutions and products of a step, a multiply-add being two.

        The generator: forward, and backward by weights and, but for the first layer, by inputs. The discriminator: of
        real and made images forward and backward by weights and inputs (the first layer by weights alone), and of the
        made ones once more, forward and backward by inputs.
        """
        first = 2.0 * LATENT_DIM * FIRST_SIDE**2 * FILTERS
        generator = 3 * first - first
        side = FIRST_SIDE
        for _ in range(2):
            generator += 3 * 2.0 * 16 * FILTERS**2 * side**2
            side *= 2
        generator += 3 * 2.0 * 49 * FILTERS * CHANNELS * side**2
        judged, before = [], CHANNELS
        for filters, side in JUDGES:
            judged.append(2.0 * 9 * before * filters * side**2)
            before = filters
        return self.batch_size * (generator + 2 * (3 * sum(judged) - judged[0]) + 2 * sum(judged))
