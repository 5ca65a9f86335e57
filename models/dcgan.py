"""The generator of a deep convolutional GAN.

Alec Radford, Luke Metz, Soumith Chintala: "Unsupervised representation learning with deep convolutional generative
adversarial networks", ICLR 2016, https://arxiv.org/abs/1511.06434, figure 1. Here kernels are 4x4 where they are 5x5
there, maps have half as many channels, the last activation is a sigmoid, and the initial weights are Keras's.
"""

from __future__ import annotations

import keras
from keras import layers

from ..training.distribution import n_devices
from .batch_norm import BatchNormalization

SMALLEST_SIDE = 4  # pixels of the map that the latents are projected to
MOMENTUM = 0.9  # of the moving statistics, which must settle within a few hundred steps


def dcgan_generator(latent_dim: int, image_shape: tuple[int, int, int], filters: int = 64) -> keras.Model:
    """Latents (n, latent_dim) to images (n, height, width, channels) in [0, 1].

    Latents are projected to a map of 4 to 7 pixels a side, which 4x4 transposed convolutions of stride 2 double until
    the image's size: three times for 32x32, five times for 224x224. Each halves the channels, from at most
    8 `filters` down to `filters`.
    Raises ValueError for sides that are no such map doubled.
    """
    height, width, channels = image_shape
    n = doublings(height, width)
    widths = [filters * min(8, 2 ** (n - 1 - step)) for step in range(n)]
    latents = keras.Input((latent_dim,))  # (n, d)
    base = (height >> n, width >> n, widths[0])
    x = layers.Reshape(base)(layers.Dense(base[0] * base[1] * base[2], use_bias=False)(latents))  # (n, 4, 4, c)
    x = layers.ReLU()(BatchNormalization(momentum=MOMENTUM, synchronized=n_devices() > 1)(x))
    for width_now in widths[1:]:
        x = layers.Conv2DTranspose(width_now, 4, strides=2, padding="same", use_bias=False)(x)  # (n, 8 -> 16, same, c)
        x = layers.ReLU()(BatchNormalization(momentum=MOMENTUM, synchronized=n_devices() > 1)(x))
    images = layers.Conv2DTranspose(channels, 4, strides=2, padding="same", activation="sigmoid", dtype="float32")(x)
    return keras.Model(latents, images, name="dcgan_generator")  # (n, 32, 32, channels)


def doublings(height: int, width: int) -> int:
    """How often a map of at least 4 pixels a side is doubled to give these sides.

    Raises ValueError for sides that are no such map doubled.
    """
    n = 0
    while min(height, width) >> (n + 1) >= SMALLEST_SIDE:
        n += 1
    if not n or height % 2**n or width % 2**n:
        raise ValueError(
            f"images of {height}x{width} do not fit the DCGAN: both sides must be 8 or more and divide by "
            f"{2 ** max(n, 1)}: give another size (of folders and tfds by --image-size)"
        )
    return n
