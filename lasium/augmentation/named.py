"""The usual augmentations, by name."""

from __future__ import annotations

from typing import Literal

import keras
from keras import layers

from .affine import RandomAffine
from .crop import CropAndFlip
from .elastic import ElasticWarp
from .image_map import Chain
from .keras_map import KerasMap
from .pen_width import PenWidth

AugmentationName = Literal["ink", "print", "photograph"]


def augmentation(name: AugmentationName, channels: int = 3) -> Chain:
    """What leaves a character (1 is ink, on paper of 0) or what a photograph shows recognizable.

    ink: for handwriting, an affine map and an elastic warp. print: for fonts, the same and the strokes' width.
    photograph: crops and flips, colours, and now and then grey; of grey photographs brightness and contrast.
    channels: of the images, which matters to photographs alone.
    Raises ValueError for another name.
    """
    if name in ("ink", "print"):
        pen = [PenWidth(0.7)] if name == "print" else []
        return Chain([RandomAffine(shift=3, rotation=0.18, scale=1.16, shear=0.15), ElasticWarp(1.0), *pen])
    if name == "photograph":
        return Chain([CropAndFlip(), *_colours(channels)])
    raise ValueError(f"there is no augmentation {name!r}: choose ink, print or photograph")


def _colours(channels: int) -> list[KerasMap]:
    """Of images with one channel brightness and contrast alone. In float32, whatever the policy of networks is."""
    # saturation 0.6 to 1.4 times, for Keras multiplies by f / (1 - f); hue a tenth of the circle, either way
    colours = {} if channels == 1 else {"saturation_factor": (0.375, 0.583), "hue_factor": 0.2}
    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy("float32")  # the jitter hands no dtype on to the layers that it is made of
    try:
        # brightness is added, contrast 0.6 to 1.4 times
        jitter = layers.RandomColorJitter((0.0, 1.0), brightness_factor=0.2, contrast_factor=0.4, **colours)
        grey = [] if channels == 1 else [layers.RandomGrayscale(0.2)]
    finally:
        keras.config.set_dtype_policy(policy)
    return [KerasMap(layer) for layer in (jitter, *grey)]
