"""The classifiers by name, from images in [0, 1] to logits."""

from __future__ import annotations

import re

import keras
import numpy as np
from keras import layers

from .applications import application
from .plain_cnn import plain_cnn
from .weak_cnn import weak_cnn
from .wide_resnet import wide_resnet

CLASSIFIERS = ("wrn-DEPTH-WIDTH", "cnn-WIDTH", "resnet-50", "vgg-19", "weak-cnn")
APPLICATIONS = ("resnet-50", "vgg-19")
_WIDE, _PLAIN = re.compile(r"wrn-(\d+)-(\d+)"), re.compile(r"cnn-(\d+)")


def classifier(
    name: str,
    images: np.ndarray,
    n_classes: int,
    crop: int | None = None,
    pretrained: bool = False,
) -> keras.Model:
    """Images (n, height, width, channels) in [0, 1] to logits (n, n_classes).

    name: `wrn-28-10` and other wide residual networks, `cnn-32` and other widths of it, `resnet-50`, `vgg-19` or
        `weak-cnn`.
    images: the training images, uint8 (n, height, width, channels); the network takes off their channels' mean and
        divides by their standard deviation. ResNet-50 and VGG-19 scale pixels as their ImageNet weights want them.
    crop: side of the square in the centre that the network sees; None for the whole image.
    pretrained: start ResNet-50 or VGG-19 from ImageNet's weights, which Keras downloads.
    Raises ValueError for an unknown name, for networks without pretrained weights and for images that do not fit, and
    RuntimeError where the download fails.
    """
    image_shape = images.shape[1:]
    inputs = keras.Input(image_shape)  # (n, h, w, c)
    x = layers.CenterCrop(crop, crop)(inputs) if crop else inputs  # (n, crop, crop, c)
    shape = tuple(x.shape[1:])
    if name in APPLICATIONS:
        features = application(name, shape, "imagenet" if pretrained else None)(x)  # (n, n_features)
        logits = layers.Dense(n_classes, dtype="float32")(features)
    elif pretrained:
        raise ValueError(f"pretrained weights are there for {' and '.join(APPLICATIONS)}, not for {name}")
    else:
        logits = _own(name, shape, n_classes)(_normalization(images)(x))
    return keras.Model(inputs, logits, name=name.replace("-", "_"))


def _normalization(images: np.ndarray) -> keras.Layer:
    pixels = images.reshape(-1, images.shape[-1])
    mean, deviation = pixels.mean(axis=0) / 255.0, np.maximum(pixels.std(axis=0) / 255.0, 1e-3)
    return layers.Normalization(mean=mean.tolist(), variance=(deviation**2).tolist())


def _own(name: str, image_shape: tuple[int, int, int], n_classes: int) -> keras.Model:
    if name == "weak-cnn":
        return weak_cnn(image_shape, n_classes)
    if sizes := _WIDE.fullmatch(name):
        return wide_resnet(image_shape, n_classes, int(sizes[1]), int(sizes[2]))
    if size := _PLAIN.fullmatch(name):
        return plain_cnn(image_shape, n_classes, int(size[1]))
    raise ValueError(f"unknown classifier {name!r}: choose one of {', '.join(CLASSIFIERS)}")
