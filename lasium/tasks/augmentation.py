"""What happens to the images of a task after they were made: maps of its support and of its queries, turned classes."""

from __future__ import annotations

from dataclasses import dataclass

import tensorflow as tf

from ..augmentation.image_map import ImageMap

# What is folded into a task's seed, which the map of the queries has: no number that the map itself folds in.
OF_TURNS, OF_SUPPORT = -1, -2


@dataclass(frozen=True)
class TaskAugmentation:
    """support, query: what changes each of these images at random; None leaves them as they are.

    quarter_turns: every class is turned by a random multiple of 90 degrees, all of its images alike, as few-shot papers
    do to have more characters (Santoro et al. 2016, https://arxiv.org/abs/1605.06065). Images must be square.
    """

    support: ImageMap | None = None
    query: ImageMap | None = None
    quarter_turns: bool = False

    def check(self, image_shape: tuple[int, ...]) -> None:
        """Raises ValueError for images (height, width, channels) that it cannot be applied to."""
        if self.quarter_turns and image_shape[0] != image_shape[1]:
            raise ValueError(f"quarter_turns needs square images, and these are {image_shape[0]}x{image_shape[1]}")

    def __call__(self, images: tf.Tensor, k_shot: int, seed: tf.Tensor) -> tf.Tensor:
        """Images (n_way, k_shot + n_query, height, width, channels) of a task, from the seed (2,) alone."""
        if self.quarter_turns:
            images = turned(images, tf.random.experimental.stateless_fold_in(seed, OF_TURNS))
        support = _mapped(self.support, images[:, :k_shot], tf.random.experimental.stateless_fold_in(seed, OF_SUPPORT))
        return tf.concat([support, _mapped(self.query, images[:, k_shot:], seed)], axis=1)


def turned(images: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """Images (n_way, s, height, width, channels), each class turned by one of four angles."""
    turns = tf.random.stateless_uniform((images.shape[0],), seed, maxval=4, dtype=tf.int32)[:, None, None, None, None]
    across = tf.where(turns % 2 == 1, tf.transpose(images, (0, 1, 3, 2, 4)), images)  # a turn is two reflections
    upside_down = tf.where((turns == 1) | (turns == 2), tf.reverse(across, [2]), across)
    return tf.where(turns >= 2, tf.reverse(upside_down, [3]), upside_down)


def _mapped(image_map: ImageMap | None, images: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    if image_map is None:
        return images
    flat = tf.reshape(images, (-1, *images.shape[2:]))  # (n_way s, h, w, c)
    return tf.reshape(image_map(flat, seed), images.shape)
