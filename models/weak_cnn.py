"""The weak classifier of GLICO: a small network of four convolutions (Azuri and Weinshall 2020, section V-E)."""

from __future__ import annotations

import keras
from keras import layers

from ..training.distribution import n_devices
from .batch_norm import BatchNormalization


def weak_cnn(image_shape: tuple[int, int, int], n_classes: int, filters: int = 32) -> keras.Model:
    """Images (n, height, width, channels) in [0, 1] to logits (n, n_classes).

    Four 3x3 convolutions of stride 2 with 1, 2, 4 and 4 times `filters`; the paper gives only their number.
    """
    images = x = keras.Input(image_shape)  # (n, 32, 32, 3)
    for factor in (1, 2, 4, 4):
        x = layers.Conv2D(factor * filters, 3, strides=2, padding="same", use_bias=False)(x)  # (n, 16 -> 2, same, c)
        x = layers.LeakyReLU(0.2)(BatchNormalization(momentum=0.9, synchronized=n_devices() > 1)(x))
    x = layers.GlobalAveragePooling2D()(x)  # (n, 4 filters)
    return keras.Model(images, layers.Dense(n_classes, dtype="float32")(x), name="weak_cnn")
