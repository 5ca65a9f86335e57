"""The four-block convolutional network that few-shot papers share.

Oriol Vinyals et al.: "Matching networks for one shot learning", NeurIPS 2016, https://arxiv.org/abs/1606.04080;
Khodadadeh et al. 2020, section 4.2.
"""

from __future__ import annotations

from typing import Literal, get_args

import keras
from keras import layers

from ..training.choices import check_one_of
from .batch_norm import BatchNormalization

Downsampling = Literal["stride", "max_pool"]
# MAML adapts all layers at one learning rate. Glorot's kernels, Keras's default, are so small in the first layer, of
# fan-in 9 and fan-out 576, that a step there makes another layer of it (measured in docs/results/omniglot.md).
INITIALIZER = "lecun_normal"


def conv4(
    image_shape: tuple[int, int, int],
    n_way: int | None = None,
    filters: int = 64,
    downsampling: Downsampling = "stride",
    momentum: float = 0.99,
) -> keras.Model:
    """Four blocks of 3x3 convolution without bias, batch normalization, ReLU and halving.

    n_way: logits of the head, (n, n_way); None leaves the head out and gives the features, (n, n_features).
    downsampling: `max_pool` is the paper's, 2x2; `stride` halves in the convolution, with the mean over positions
    before the head, and is what the authors ran on Omniglot.
    momentum: of the moving statistics; 0 keeps those of the last batch alone.
    Raises ValueError for another downsampling, and for images of fewer than 16 pixels a side with max_pool.
    """
    check_one_of("downsampling", downsampling, get_args(Downsampling))
    if downsampling == "max_pool" and min(image_shape[:2]) < 16:
        raise ValueError(
            f"images of {image_shape[0]}x{image_shape[1]} are too small to be halved four times by pooling: "
            "16 pixels a side are needed, or downsampling stride"
        )
    strides = 2 if downsampling == "stride" else 1
    images = x = keras.Input(image_shape)  # (n, 28, 28, c)
    for _ in range(4):  # normalization would take off a bias
        x = layers.Conv2D(filters, 3, strides, padding="same", use_bias=False, kernel_initializer=INITIALIZER)(x)
        x = layers.ReLU()(BatchNormalization(momentum=momentum)(x))
        if downsampling == "max_pool":
            x = layers.MaxPooling2D(2)(x)
    # x: (n, 2, 2, filters) by stride, (n, 1, 1, filters) by pooling
    averaged = n_way is not None and downsampling == "stride"
    x = (layers.GlobalAveragePooling2D if averaged else layers.Flatten)()(x)  # (n, filters) or (n, n_features)
    if n_way is not None:
        x = layers.Dense(n_way, dtype="float32", name="head")(x)  # (n, n_way)
    return keras.Model(images, x, name="conv4")
