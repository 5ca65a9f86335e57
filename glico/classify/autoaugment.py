"""AutoAugment with the policy that was found on CIFAR-10.

Ekin Cubuk, Barret Zoph, Dandelion Mane, Vijay Vasudevan, Quoc Le: "AutoAugment: learning augmentation policies from
data", CVPR 2019, https://arxiv.org/abs/1805.09501: the policy of table 7. An operation goes as far at a magnitude as
in the authors' code for CIFAR (https://github.com/tensorflow/models/tree/r1.13.0/research/autoaugment), less far than
in the paper's table 6; as there, Pillow does what the operations say.
"""

from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf
from PIL import Image, ImageEnhance, ImageOps

GREY = 128  # of pixels from outside the image
LEVELS = 10  # magnitudes go from 0 to 9; 10 would be the whole range of an operation

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
    """Sends a share `rate` of the images each through one of the policy's pairs. It runs in Python, on the CPU.

    Images are in [0, 1], (n, height, width, 1 or 3), and pass through 8 bits.
    """

    def __init__(self, rate: float = 1.0, seed: int = 0, **kwargs):
        super().__init__(**kwargs)
        self.rate, self.seed = rate, seed
        self.seeds = keras.random.SeedGenerator(seed)

    def call(self, images: tf.Tensor, training: bool = True) -> tf.Tensor:
        if not training:
            return images
        inputs = [tf.cast(images, tf.float32), self.seeds.next(), self.rate]
        augmented = tf.numpy_function(_augment, inputs, tf.float32)
        augmented.set_shape(images.shape)
        return tf.cast(augmented, images.dtype)

    def get_config(self) -> dict:
        return {**super().get_config(), "rate": self.rate, "seed": self.seed}


def _augment(images: np.ndarray, seed: np.ndarray, rate: np.ndarray) -> np.ndarray:
    rng = np.random.default_rng(seed)
    augmented = images.copy()
    for number in np.flatnonzero(rng.random(len(images)) < rate):
        pixels = np.rint(255.0 * images[number]).astype(np.uint8)
        augmented[number] = apply_pair(pixels, POLICY[rng.integers(len(POLICY))], rng) / 255.0
    return augmented


def apply_pair(pixels: np.ndarray, pair: tuple, rng: np.random.Generator) -> np.ndarray:
    """uint8 (height, width, channels) after each of the pair's operations, with its probability."""
    image = Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels)
    for name, probability, magnitude in pair:
        sign = rng.choice([-1, 1])  # drawn even if unused, so that every image takes the same number of draws
        if rng.random() < probability:
            image = OPERATIONS[name](image, magnitude / LEVELS, sign)
    return np.asarray(image).reshape(pixels.shape)


def _affine(image: Image.Image, matrix: tuple[float, ...]) -> Image.Image:
    fill = GREY if image.mode == "L" else (GREY,) * 3
    return image.transform(image.size, Image.Transform.AFFINE, matrix, Image.Resampling.NEAREST, fillcolor=fill)


def _rotate(image: Image.Image, magnitude: float, sign: int) -> Image.Image:
    fill = GREY if image.mode == "L" else (GREY,) * 3
    return image.rotate(sign * int(30 * magnitude), fillcolor=fill)


def _pixels(magnitude: float, side: int) -> int:
    """Up to 10 pixels of CIFAR's 32, and in proportion on other images."""
    return int(10 * magnitude * side / 32)


def _enhance(enhancer: type) -> Callable[[Image.Image, float, int], Image.Image]:
    """By a factor from 0.1 to 1.9: less than 1 below the middle of the range, more above."""
    return lambda image, magnitude, sign: enhancer(image).enhance(0.1 + 1.8 * magnitude)


# Each takes an image, a magnitude in [0, 1] and a sign, which some ignore.
OPERATIONS: dict[str, Callable[[Image.Image, float, int], Image.Image]] = {
    "shear y": lambda image, m, sign: _affine(image, (1, 0, 0, sign * 0.3 * m, 1, 0)),
    "translate x": lambda image, m, sign: _affine(image, (1, 0, sign * _pixels(m, image.width), 0, 1, 0)),
    "translate y": lambda image, m, sign: _affine(image, (1, 0, 0, 0, 1, sign * _pixels(m, image.height))),
    "rotate": _rotate,
    "autocontrast": lambda image, m, sign: ImageOps.autocontrast(image),
    "invert": lambda image, m, sign: ImageOps.invert(image),
    "equalize": lambda image, m, sign: ImageOps.equalize(image),
    "solarize": lambda image, m, sign: ImageOps.solarize(image, 256 - int(256 * m)),
    "posterize": lambda image, m, sign: ImageOps.posterize(image, 4 - int(4 * m)),
    "contrast": _enhance(ImageEnhance.Contrast),
    "color": _enhance(ImageEnhance.Color),
    "brightness": _enhance(ImageEnhance.Brightness),
    "sharpness": _enhance(ImageEnhance.Sharpness),
}
