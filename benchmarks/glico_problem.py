"""One step of latent optimization as numbers, the same for every candidate."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

LATENT_DIM, NOISE_DIM = 128, 16
GENERATOR_CHANNELS = (256, 128, 64, 3)  # from 4x4 by three doublings to 32x32
CLASSIFIER_CHANNELS = (3, 32, 64, 128, 128)  # four halvings
# VGG-16 up to block5_conv2 and one more, a tuple a block; the second of each is a tap.
VGG_BLOCKS = ((64, 64), (128, 128), (256, 256, 256), (512, 512, 512), (512, 512, 512))
SIDE, CHANNELS = 32, 3
IMAGE_SHAPE = (SIDE, SIDE, CHANNELS)
TAP_WEIGHTS = (0.002, 0.002, 0.002, 0.002, 0.002)  # random kernels keep activations near the pixels' hundreds
GAMMA = 0.5
LEARNING_RATE = 0.001


@dataclass(frozen=True)
class GlicoProblem:
    """Sizes of the work; the defaults are the goal's: the authors' batch, all five taps."""

    n_images: int = 500
    n_classes: int = 10
    batch_size: int = 128
    sigma: float = 0.15

    def weights(self) -> dict[str, list[np.ndarray]]:
        """In Keras's order and layout: `codes`, `generator`, `classifier` and `vgg`."""
        rng = np.random.default_rng(0)

        def kernel(*shape: int, fan_in: int) -> np.ndarray:
            return rng.normal(0.0, (2 / fan_in) ** 0.5, shape)

        def scale_and_shift(channels: int) -> list[np.ndarray]:
            return [np.ones(channels), np.zeros(channels)]

        codes = rng.normal(size=(self.n_images, LATENT_DIM))
        first, *others = GENERATOR_CHANNELS
        inputs = LATENT_DIM + NOISE_DIM
        generator = [kernel(inputs, 16 * first, fan_in=inputs), *scale_and_shift(first)]
        before = first
        for channels in others:
            generator.append(kernel(4, 4, channels, before, fan_in=4 * before))  # a place sees 4 of the 16 taps
            generator += scale_and_shift(channels) if channels != CHANNELS else [np.zeros(channels)]
            before = channels
        classifier: list[np.ndarray] = []
        before, *others = CLASSIFIER_CHANNELS
        for channels in others:
            classifier += [kernel(3, 3, before, channels, fan_in=9 * before), *scale_and_shift(channels)]
            before = channels
        classifier += [kernel(before, self.n_classes, fan_in=2 * before), np.zeros(self.n_classes)]
        vgg: list[np.ndarray] = []
        before = CHANNELS
        for block in VGG_BLOCKS:
            for channels in block:
                vgg += [kernel(3, 3, before, channels, fan_in=9 * before), np.zeros(channels)]
                before = channels
        groups = {"codes": [codes], "generator": generator, "classifier": classifier, "vgg": vgg}
        return {name: [weight.astype(np.float32) for weight in group] for name, group in groups.items()}

    def images(self) -> np.ndarray:
        """uint8, (n_images, 32, 32, 3)."""
        return np.random.default_rng(1).integers(0, 256, (self.n_images, *IMAGE_SHAPE), np.uint8)

    def batch(self) -> dict[str, np.ndarray]:
        """index and label, (batch_size,), int32."""
        index = np.random.default_rng(2).permutation(self.n_images)[: self.batch_size].astype(np.int32)
        return {"index": index, "label": index % self.n_classes}

    def flops(self) -> float:
        """Of the convolutions of a step that has the real images' features already; a multiply-add is two.

        Generator and classifier: forward, and backward by inputs and weights; VGG: forward, and backward by inputs.
        """
        classifier, side = 0.0, SIDE
        for before, channels in pairwise(CLASSIFIER_CHANNELS):
            side //= 2
            classifier += 2.0 * 9 * before * channels * side**2
        vgg, side, before = 0.0, SIDE, CHANNELS
        for number, block in enumerate(VGG_BLOCKS):
            for channels in block[:2] if number == len(VGG_BLOCKS) - 1 else block:
                vgg += 2.0 * 9 * before * channels * side**2
                before = channels
            side //= 2
        return self.batch_size * (3 * self.generator_flops() + 3 * classifier + 2 * vgg)

    def generator_flops(self) -> float:
        """Of the generator's forward pass for one image."""
        flops, side = 2.0 * (LATENT_DIM + NOISE_DIM) * 16 * GENERATOR_CHANNELS[0], 4
        for before, channels in pairwise(GENERATOR_CHANNELS):
            flops += 2.0 * 16 * before * channels * side**2
            side *= 2
        return flops
