"""AutoAugment with the policy that was found on CIFAR-10.

Ekin Cubuk, Barret Zoph, Dandelion Mane, Vijay Vasudevan, Quoc Le: "AutoAugment: learning augmentation policies from
data", CVPR 2019, https://arxiv.org/abs/1805.09501: operations and ranges of table 6, the policy of table 7. Pillow does
what the operations say, as in the authors' experiments.
"""

from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf
from PIL import Image, ImageEnhance, ImageOps

GREY = 128  # what moves in from outside
LEVELS = 10  # a magnitude is one of 0 to 9

# Twenty-five pairs of (operation, probability, magnitude); an image goes through one pair.
POLICY = (
    (("invert", 0.1, 7), ("contrast", 0.2, 6)),
    (("rotate", 0.7, 2), ("translate x", 0.3, 9)),
    (("sharpness", 0.8, 1), ("sharpness", 0.9, 3)),
    (("shear y", 0.5, 8), ("translate y", 0.7, 9)),
    (("autocontrast", 0.5, 8), ("equalize", 0.9, 2)),
    (("shear y", 0.2, 7), ("posterize", 0.3, 7)),
    (("color", 0.4, 3), ("brightness", 0.6, 7)),
    (("sharpness", 0.3, 9), ("brightness", 0.7, 9)),
    (("equalize", 0.6, 5), ("equalize", 0.5, 1)),
    (("contrast", 0.6, 7), ("sharpness", 0.6, 5)),
    (("color", 0.7, 7), ("translate x", 0.5, 8)),
    (("equalize", 0.3, 7), ("autocontrast", 0.4, 8)),
    (("translate y", 0.4, 3), ("sharpness", 0.2, 6)),
    (("brightness", 0.9, 6), ("color", 0.2, 8)),
    (("solarize", 0.5, 2), ("invert", 0.0, 3)),
    (("equalize", 0.2, 0), ("autocontrast", 0.6, 0)),
    (("equalize", 0.2, 8), ("equalize", 0.6, 4)),
    (("color", 0.9, 9), ("equalize", 0.6, 6)),
    (("autocontrast", 0.8, 4), ("solarize", 0.2, 8)),
    (("brightness", 0.1, 3), ("color", 0.7, 0)),
    (("solarize", 0.4, 5), ("autocontrast", 0.9, 3)),
    (("translate y", 0.9, 9), ("translate y", 0.7, 9)),
    (("autocontrast", 0.9, 2), ("solarize", 0.8, 3)),
    (("equalize", 0.8, 8), ("invert", 0.1, 3)),
    (("translate y", 0.7, 9), ("autocontrast", 0.9, 1)),
)


@keras.saving.register_keras_serializable("latentshot")
class AutoAugment(keras.layers.Layer):
    """Sends each image through one of the policy's pairs, chosen at random. It runs in Python, on the CPU.

    Images are float32 in [0, 1], (n, height, width, 1 or 3), and pass through 8 bits.
    """

    def __init__(self, seed: int = 0, **kwargs):
        super().__init__(**kwargs)
        self.seed = seed
        self.seeds = keras.random.SeedGenerator(seed)

    def call(self, images: tf.Tensor, training: bool = True) -> tf.Tensor:
        if not training:
            return images
        augmented = tf.numpy_function(_augment, [images, self.seeds.next()], tf.float32)
        augmented.set_shape(images.shape)
        return augmented

    def get_config(self) -> dict:
        return {**super().get_config(), "seed": self.seed}


def _augment(images: np.ndarray, seed: np.ndarray) -> np.ndarray:
    rng = np.random.default_rng(seed)
    pixels = np.rint(255.0 * images).astype(np.uint8)
    pairs = rng.integers(0, len(POLICY), len(images))
    changed = [apply_pair(image, POLICY[pair], rng) for image, pair in zip(pixels, pairs, strict=True)]
    return np.stack(changed).astype(np.float32) / 255.0


def apply_pair(pixels: np.ndarray, pair: tuple, rng: np.random.Generator) -> np.ndarray:
    """uint8 (height, width, channels) after each of the pair's operations, with its probability."""
    image = Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels)
    for name, probability, magnitude in pair:
        sign = rng.choice([-1, 1])  # drawn whether it is used or not, so that each image takes as many draws
        if rng.random() < probability:
            image = OPERATIONS[name](image, magnitude / (LEVELS - 1), sign)
    return np.asarray(image).reshape(pixels.shape)


def _affine(image: Image.Image, matrix: tuple[float, ...]) -> Image.Image:
    fill = GREY if image.mode == "L" else (GREY,) * 3
    return image.transform(image.size, Image.Transform.AFFINE, matrix, Image.Resampling.NEAREST, fillcolor=fill)


def _rotate(image: Image.Image, magnitude: float, sign: int) -> Image.Image:
    fill = GREY if image.mode == "L" else (GREY,) * 3
    return image.rotate(sign * 30.0 * magnitude, fillcolor=fill)


def _enhance(enhancer: type) -> Callable[[Image.Image, float, int], Image.Image]:
    """By a factor between 0.1 and 1.9, away from 1 by the magnitude."""
    return lambda image, magnitude, sign: enhancer(image).enhance(1.0 + sign * 0.9 * magnitude)


# Each takes an image, a magnitude in [0, 1] and a sign, which some ignore.
OPERATIONS: dict[str, Callable[[Image.Image, float, int], Image.Image]] = {
    "shear y": lambda image, m, sign: _affine(image, (1, 0, 0, sign * 0.3 * m, 1, 0)),
    # 150 pixels of ImageNet's 331 are the range of table 6
    "translate x": lambda image, m, sign: _affine(image, (1, 0, sign * m * 150 / 331 * image.width, 0, 1, 0)),
    "translate y": lambda image, m, sign: _affine(image, (1, 0, 0, 0, 1, sign * m * 150 / 331 * image.height)),
    "rotate": _rotate,
    "autocontrast": lambda image, m, sign: ImageOps.autocontrast(image),
    "invert": lambda image, m, sign: ImageOps.invert(image),
    "equalize": lambda image, m, sign: ImageOps.equalize(image),
    "solarize": lambda image, m, sign: ImageOps.solarize(image, round(256 * (1.0 - m))),
    "posterize": lambda image, m, sign: ImageOps.posterize(image, round(8 - 4 * m)),
    "contrast": _enhance(ImageEnhance.Contrast),
    "color": _enhance(ImageEnhance.Color),
    "brightness": _enhance(ImageEnhance.Brightness),
    "sharpness": _enhance(ImageEnhance.Sharpness),
}
