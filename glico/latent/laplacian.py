"""The Laplacian-pyramid loss of GLO, which needs no weights.

Piotr Bojanowski, Armand Joulin, David Lopez-Paz, Arthur Szlam: "Optimizing the latent space of generative networks",
ICML 2018, https://arxiv.org/abs/1707.05776, section 2.2: Lap1(a, b) = sum_j 2^(2j) |L_j(a) - L_j(b)|_1.
"""

from __future__ import annotations

from collections.abc import Sequence

import tensorflow as tf

SMALLEST_SIDE = 4  # pixels: no level is made smaller


class LaplacianLoss:
    """sum_j 2^(2j) |L_j(a) - L_j(b)|_1 over the pixels of an image, with L_j the j-th level of the pyramid.

    Divided by the number of pixels, so that its size does not change with that of the images: a level has a quarter
    of the pixels of the one before, and with the factor 2^(2j) all count alike.
    """

    def targets(self, images: tf.Tensor) -> list[tf.Tensor]:
        """What `__call__` compares with: the pyramid of the images."""
        return pyramid(images)

    def __call__(self, generated: tf.Tensor, targets: Sequence[tf.Tensor]) -> tf.Tensor:
        """The loss of each image (n,) of generated images (n, height, width, channels)."""
        differences = [
            ours - tf.cast(theirs, ours.dtype) for ours, theirs in zip(pyramid(generated), targets, strict=True)
        ]
        return tf.add_n([tf.reduce_mean(tf.abs(difference), axis=[1, 2, 3]) for difference in differences])


def pyramid(images: tf.Tensor) -> list[tf.Tensor]:
    """The levels of the pyramid of images (n, height, width, channels): details, finest first, and the smallest image.

    Halved by a 2x2 mean and doubled bilinearly, until a side would fall below 4 pixels.
    """
    levels = []
    while min(images.shape[1:3]) >= 2 * SMALLEST_SIDE:
        height, width = images.shape[1:3]
        smaller = tf.nn.avg_pool2d(images, 2, 2, "VALID")
        levels.append(images - tf.image.resize(smaller, (height, width)))
        images = smaller
    return [*levels, images]
