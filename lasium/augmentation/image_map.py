"""What an augmentation of tasks is, and several of them one after another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import tensorflow as tf


class ImageMap(Protocol):
    """Any function of this form is one; `KerasMap` makes one of a Keras layer."""

    def __call__(self, images: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
        """Images (n, height, width, channels) in [0, 1], each changed at random, from the seed (2,) alone."""
        ...


class Chain:
    """The maps one after another, each with a seed of its own."""

    def __init__(self, maps: Sequence[ImageMap]):
        self.maps = list(maps)

    def __call__(self, images: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
        for number, image_map in enumerate(self.maps):
            images = image_map(images, tf.random.experimental.stateless_fold_in(seed, number))
        return images  # (n, h, w, c)
