"""A Keras layer as an image map: its draws become a function of the seed."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable

import keras
import tensorflow as tf


class KerasMap:
    """Applies a layer, such as keras.layers.RandomColorJitter, or a keras.Sequential of several, in training mode.

    A layer's random numbers come from its `SeedGenerator`s, whose state is a variable that streams would share. During
    a call of the map they give seeds that are computed from the map's own instead.
    Raises ValueError for a layer that has none of them, for what it draws could not be repeated.
    """

    def __init__(self, layer: keras.Layer):
        self.layer = layer
        self.generators = [
            value
            for part in layer._flatten_layers()
            for value in vars(part).values()
            if isinstance(value, keras.random.SeedGenerator)
        ]
        self._in_use = threading.Lock()
        if not self.generators:
            raise ValueError(
                f"layer {layer.name!r} has no keras.random.SeedGenerator: what it draws cannot be repeated from a seed"
            )

    def __call__(self, images: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
        with self._in_use:
            for number, generator in enumerate(self.generators):
                generator.next = _seeds(tf.random.experimental.stateless_fold_in(seed, number), generator)
            try:
                return tf.cast(self.layer(images, training=True), images.dtype)  # (n, h, w, c)
            finally:
                for generator in self.generators:
                    del generator.next


def _seeds(seed: tf.Tensor, generator: keras.random.SeedGenerator) -> Callable[..., tf.Tensor]:
    """In place of the generator's `next`: one seed after another, all from the one given."""
    numbers = itertools.count()

    def following(ordered: bool = True) -> tf.Tensor:
        drawn = tf.random.experimental.stateless_fold_in(seed, next(numbers))
        return tf.cast(drawn & 0x7FFFFFFF, generator.state.dtype)

    return following
