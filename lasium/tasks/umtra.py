"""UMTRA: random images as classes, augmentations of them as their other samples.

Siavash Khodadadeh, Ladislau Boloni, Mubarak Shah: "Unsupervised meta-learning for few-shot image classification",
NeurIPS 2019, https://arxiv.org/abs/1811.11819. On Omniglot its augmentation zeroes random pixels and shifts the image;
so it does here on all images, where the authors augment photographs by AutoAugment's policies.
"""

from __future__ import annotations

import tensorflow as tf

from ...datasets.image_store import Images
from ..augmentation.affine import RandomAffine, transform
from .augmented import AugmentedSource
from .stream import TaskShape

SHIFT = RandomAffine(shift=6)  # pixels
SMALLEST_SIDE = 8  # pixels: of smaller images a shift may leave nothing, or a line
KEPT_SHARE = 0.7  # of the pixels; the others become 0


class UmtraSource(AugmentedSource):
    """Tasks of n_way different unlabelled images, each followed by UMTRA's own augmentations of it.

    Raises ValueError for images of fewer than 8 pixels a side.
    """

    def __init__(self, images: Images, n_way: int):
        super().__init__(images, n_way)
        if min(self.image_shape[:2]) < SMALLEST_SIDE:
            raise ValueError(
                f"images of {self.image_shape[0]}x{self.image_shape[1]} are too small for UMTRA's shifts of up to 6 "
                f"pixels: {SMALLEST_SIDE} a side are needed (--image-size)"
            )

    def plan(self, shape: TaskShape, seed: tf.Tensor) -> dict[str, tf.Tensor]:
        image_seed, shift_seed, pixel_seed = tf.unstack(tf.random.experimental.stateless_split(seed, 3))
        others = shape.images_per_class - 1
        height, width, _ = self.image_shape
        kept = tf.random.stateless_uniform((shape.n_way, others, height, width, 1), pixel_seed) < KEPT_SHARE
        return {
            "images": self.draw(shape.n_way, image_seed),  # (n_way,)
            "transforms": tf.reshape(SHIFT.draw(shape.n_way * others, (height, width), shift_seed), (-1, others, 8)),
            "kept": kept,
        }

    def render(self, plans: dict[str, tf.Tensor]) -> tf.Tensor:
        originals = self.read(plans["images"])[:, :, None]  # (tasks, n_way, 1, h, w, c)
        n_others = plans["kept"].shape[2]
        copies = tf.repeat(originals, n_others, axis=2)  # (tasks, n_way, k_shot + n_query - 1, h, w, c)
        shifted = transform(tf.reshape(copies, (-1, *self.image_shape)), tf.reshape(plans["transforms"], (-1, 8)))
        augmented = tf.reshape(shifted, tf.shape(copies)) * tf.cast(plans["kept"], tf.float32)
        return tf.concat([originals, augmented], axis=2)
