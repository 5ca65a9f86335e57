"""Wide residual networks.

Sergey Zagoruyko, Nikos Komodakis: "Wide residual networks", BMVC 2016, https://arxiv.org/abs/1605.07146, table 1.
"""

from __future__ import annotations

import keras
from keras import layers

from .batch_norm import BatchNormalization


def wide_resnet(image_shape: tuple[int, int, int], n_classes: int, depth: int = 28, width: int = 10) -> keras.Model:
    """WRN-depth-width: images (n, height, width, channels) to logits (n, n_classes).

    depth: 6 n + 4 for a whole n, as 16, 22, 28 or 40, and at most 1,000. width: times 16, 32 and 64 channels, 1 to 100.
    Raises ValueError for others.
    """
    if (depth - 4) % 6 or not (10 <= depth <= 1000 and 1 <= width <= 100):
        raise ValueError(
            f"WRN-{depth}-{width}: the depth must be 6 n + 4, as 16, 22, 28 or 40, at most 1000, and the width 1 to 100"
        )
    images = keras.Input(image_shape)  # (n, 32, 32, 3)
    x = _convolution(16, 1)(images)
    for channels, strides in ((16 * width, 1), (32 * width, 2), (64 * width, 2)):
        for block in range((depth - 4) // 6):
            x = _block(x, channels, strides if block == 0 else 1)  # (n, 32 -> 16 -> 8, same, channels)
    x = layers.GlobalAveragePooling2D()(_activated(x))  # (n, 64 width)
    logits = layers.Dense(n_classes, dtype="float32")(x)
    return keras.Model(images, logits, name=f"wrn_{depth}_{width}")


def _block(x: keras.KerasTensor, channels: int, strides: int) -> keras.KerasTensor:
    """Two 3x3 convolutions after normalization and ReLU, and a shortcut: a 1x1 convolution where shapes differ."""
    active = _activated(x)
    same = x.shape[-1] == channels and strides == 1
    shortcut = x if same else _convolution(channels, strides, size=1)(active)
    y = _convolution(channels, strides)(active)
    y = _convolution(channels, 1)(_activated(y))
    return layers.Add()([shortcut, y])


def _activated(x: keras.KerasTensor) -> keras.KerasTensor:
    return layers.ReLU()(BatchNormalization(momentum=0.9)(x))


def _convolution(channels: int, strides: int, size: int = 3) -> layers.Conv2D:
    return layers.Conv2D(
        channels,
        size,
        strides=strides,
        padding="same",
        use_bias=False,
        kernel_initializer="he_normal",
    )
