"""A plain convolutional network for few images.

Lorenzo Brigato, Luca Iocchi: "A close look at deep learning with small data", ICPR 2020,
https://arxiv.org/abs/2003.12843, find networks of low complexity as good as deeper ones or better where a class has few
images, and dropout a good regularizer. This one is in their manner; docs/results/cifar10-jpeg.md has what it reaches.
"""

from __future__ import annotations

import keras
from keras import layers

from .batch_norm import BatchNormalization

DROPOUT = 0.5


def plain_cnn(image_shape: tuple[int, int, int], n_classes: int, width: int = 32) -> keras.Model:
    """Images (n, height, width, channels) of 16 pixels a side or more to logits (n, n_classes).

    Four blocks of a 3x3 convolution, normalization, ReLU and 2x2 max-pooling, with 1, 2, 4 and 4 times `width`
    channels; dropout before the last layer.
    Raises ValueError for smaller images, and for a width outside 1 to 1024.
    """
    if min(image_shape[:2]) < 16:
        raise ValueError(
            f"images of {image_shape[0]}x{image_shape[1]} are too small for cnn-{width}, which takes 16 pixels a side "
            f"or more: scale them up (--image-size 16), or choose --classifier weak-cnn"
        )
    if not 1 <= width <= 1024:
        raise ValueError(f"cnn-{width}: the width must be 1 to 1024")
    images = x = keras.Input(image_shape)  # (n, 32, 32, 3)
    for factor in (1, 2, 4, 4):
        x = layers.Conv2D(factor * width, 3, padding="same", use_bias=False, kernel_initializer="he_normal")(x)
        x = layers.ReLU()(BatchNormalization(momentum=0.9)(x))
        x = layers.MaxPooling2D(2)(x)  # (n, 16 -> 8 -> 4 -> 2, same, c)
    x = layers.Dropout(DROPOUT)(layers.Flatten()(x))  # (n, 16 width)
    return keras.Model(images, layers.Dense(n_classes, dtype="float32")(x), name=f"cnn_{width}")
