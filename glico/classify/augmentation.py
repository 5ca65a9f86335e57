"""What happens to a batch before the classifier sees it: the standard augmentation, and those GLICO is compared with.

All are Keras layers on images in [0, 1]; their seeds are variables, so that a resumed run goes on with the same draws.
(AutoAugment has a file of its own.)
"""

from __future__ import annotations

from collections.abc import Sequence

import keras
from keras import layers, ops

PADDING = 1 / 8  # of the image's side, at either end: 4 pixels of 32


def standard_augmentation(
    image_shape: tuple[int, int, int], flip: bool = True, crop: int | None = None, seed: int = 0
) -> keras.Sequential:
    """A random horizontal flip and a random crop, of the image padded with 0 or of a larger one, as in section IV-C.

    Cropping moves an image by whole pixels. Keras's RandomCrop takes one place for a whole batch, its
    RandomTranslation one for each image. flip: False for letters, which it would make into others.
    crop: pixels a side that the network cuts out of the centre afterwards; the image is then moved as far as its
    borders allow, and by an eighth of its side where there is none.
    """
    height, width = ((side - crop) / 2 / side if crop else PADDING for side in image_shape[:2])
    moved = layers.RandomTranslation(height, width, fill_mode="constant", interpolation="nearest", seed=seed)
    flips = [layers.RandomFlip("horizontal", seed=seed + 1)] if flip else []
    return keras.Sequential([keras.Input(image_shape), *flips, moved], name="standard_augmentation")


def cutout(
    image_shape: tuple[int, int, int], fill: Sequence[float] = (0.0,), rate: float = 1.0, seed: int = 0
) -> keras.Layer:
    """Fills a square of half the side, at a random place, in a share `rate` of the images.

    Terrance DeVries, Graham Taylor: "Improved regularization of convolutional neural networks with cutout", 2017,
    https://arxiv.org/abs/1708.04552 (16 pixels of 32 on CIFAR-10). They fill with 0 after normalization, which is the
    mean of the training images before it.
    """
    return Cutout(max(image_shape[:2]) // 2, fill, rate, seed=seed)


@keras.saving.register_keras_serializable("latentshot")
class Cutout(keras.layers.Layer):
    """Fills a square of `side` pixels centred at a random pixel; the part outside of the image is ignored.

    fill: the channels' values in [0, 1]. rate: the share of the images, drawn at random.
    """

    def __init__(self, side: int, fill: Sequence[float] = (0.0,), rate: float = 1.0, seed: int = 0, **kwargs):
        super().__init__(**kwargs)
        self.side, self.fill, self.rate, self.seed = side, list(fill), rate, seed
        self.seeds = keras.random.SeedGenerator(seed)

    def call(self, images: keras.KerasTensor, training: bool = True) -> keras.KerasTensor:
        if not training:
            return images
        n, height, width, _ = ops.shape(images)
        top, left = (
            keras.random.randint((n, 1, 1), 0, length, seed=self.seeds) - self.side // 2 for length in (height, width)
        )
        rows = ops.reshape(ops.arange(height, dtype="int32"), (1, height, 1))
        columns = ops.reshape(ops.arange(width, dtype="int32"), (1, 1, width))
        in_rows = (rows >= top) & (rows < top + self.side)  # (n, h, 1)
        in_columns = (columns >= left) & (columns < left + self.side)  # (n, 1, w)
        chosen = keras.random.uniform((n, 1, 1), seed=self.seeds) < self.rate
        return ops.where(
            (in_rows & in_columns & chosen)[..., None], ops.cast(ops.array(self.fill), images.dtype), images
        )

    def get_config(self) -> dict:
        own = {"side": self.side, "fill": self.fill, "rate": self.rate, "seed": self.seed}
        return {**super().get_config(), **own}


def random_erasing(rate: float = 0.5, seed: int = 0) -> keras.Layer:
    """In a random share `rate` of the images a rectangle of 2 to 40 % of the area becomes noise.

    Keras's layer: its noise is normal of mean 0, cut to [0, 1], and its rectangles are up to 4.5 times as long as wide;
    the article's is uniform, and they are up to 3.3 times.
    Zhun Zhong et al.: "Random erasing data augmentation", AAAI 2020, https://arxiv.org/abs/1708.04896, section 4.
    """
    return layers.RandomErasing(factor=(rate, rate), scale=(0.02, 0.4), value_range=(0.0, 1.0), seed=seed)
