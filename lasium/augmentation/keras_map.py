"""A Keras layer as an image map: its draws become a function of the seed."""

from __future__ import annotations

import keras
import tensorflow as tf


class KerasMap:
    """Applies a layer, such as keras.layers.RandomColorJitter, or a keras.Sequential of several, in training mode.

    A layer's random numbers come from its `SeedGenerator`s, whose states are variables that streams would share. The
    map calls the layer with states computed from its own seed instead, and changes none of its variables.
    Raises ValueError for a layer that has none of them, for what it draws could not be repeated.
    """

    def __init__(self, layer: keras.Layer):
        self.layer = layer
        if not _seed_states(layer):
            raise ValueError(
                f"layer {layer.name!r} has no keras.random.SeedGenerator: what it draws cannot be repeated from a seed"
            )

    def __call__(self, images: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
        if not self.layer.built:
            with tf.init_scope():  # its variables belong to no stream
                self.layer.build(images.shape)
        states = _seed_states(self.layer)
        seeds = tf.unstack(tf.random.experimental.stateless_split(seed, len(states)))  # a generator counts up its own
        drawn_from = {id(state): tf.cast(own, state.dtype) for state, own in zip(states, seeds, strict=True)}
        changed, _ = self.layer.stateless_call(
            self.layer.trainable_variables,
            [drawn_from.get(id(v), v.value) for v in self.layer.non_trainable_variables],
            images,
            training=True,
        )
        return tf.cast(changed, images.dtype)  # (n, h, w, c)


def _seed_states(layer: keras.Layer) -> list[keras.Variable]:
    """The states (2,) of the layer's and its parts' seed generators: its variables but weights and metrics."""
    others = {id(v) for v in (*layer.weights, *layer.metrics_variables)}
    return [v for v in layer.variables if id(v) not in others]
