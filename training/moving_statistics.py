"""Batch normalization's moving statistics, computed anew for weights that change no more."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import keras


def recompute_moving_statistics(
    layers: Iterable[keras.layers.Layer], forward: Callable[[Any, int], Any], batches: Iterable[Any]
) -> None:
    """Sets the moving statistics of the batch normalizations among `layers` to their means over the batches.

    In training they trail behind: with Keras's momentum of 0.99 a tenth of them is 230 steps old. The weights' own are
    the plain mean, as in Izmailov et al. 2018 (https://arxiv.org/abs/1803.05407, section 3.2).
    layers: those of models among them too.
    forward(batch, number): an eager pass in training mode through all of the layers, for a traced one would keep the
        momentum of its first batch; number: the batch's, from 0.
    """
    normalizations = list(_normalizations(layers))
    momenta = [layer.momentum for layer in normalizations]
    try:
        for number, batch in enumerate(batches):
            for layer in normalizations:
                layer.momentum = number / (number + 1)  # the running mean of all batches so far
            forward(batch, number)
    finally:
        for layer, momentum in zip(normalizations, momenta, strict=True):
            layer.momentum = momentum


def _normalizations(layers: Iterable[keras.layers.Layer]) -> Iterator[keras.layers.BatchNormalization]:
    for layer in layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            yield layer
        elif isinstance(layer, keras.Model):
            yield from _normalizations(layer.layers)
