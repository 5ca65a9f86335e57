"""Keras's weights in PyTorch's layers, where a stride of 2 is padded at the other end.

With padding 1 PyTorch's strided 3x3 convolution of an even side begins before the image, and TensorFlow's ends behind
it. So the same network is that on mirrored images, with mirrored kernels, and PyTorch's own padding serves.

Layers and images are in the format `channels_last`, which PyTorch's tuning guide advises on CPUs; without it a step of
the MSGAN takes twice as long.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from torch import nn

KERAS_EPSILON, KERAS_MOMENTUM = 1e-3, 0.01  # of batch normalization, the latter as PyTorch counts it


def images_to_torch(images: np.ndarray) -> torch.Tensor:
    """(n, height, width, channels) to mirrored (n, channels, height, width)."""
    mirrored = torch.tensor(images[:, ::-1, ::-1].transpose(0, 3, 1, 2).copy())
    return mirrored.contiguous(memory_format=torch.channels_last)


def images_to_keras(images: torch.Tensor) -> np.ndarray:
    return images.detach().numpy().transpose(0, 2, 3, 1)[:, ::-1, ::-1].copy()


def batch_norm(channels: int, momentum: float = KERAS_MOMENTUM) -> nn.BatchNorm2d:
    return nn.BatchNorm2d(channels, KERAS_EPSILON, momentum)


class DenseOfMap(nn.Linear):
    """Takes flattened maps (channels, height, width)."""

    def __init__(self, channels: int, side: int, outputs: int):
        super().__init__(channels * side**2, outputs)
        self.places = _mirrored_places(channels, side)


class DenseToMap(nn.Linear):
    """Makes flattened maps (channels, height, width)."""

    def __init__(self, inputs: int, channels: int, side: int):
        super().__init__(inputs, channels * side**2)
        self.places = _mirrored_places(channels, side)


def load(module: nn.Module, weights: list[np.ndarray]) -> None:
    """Gives the module the weights of the Keras model that has the same layers in the same order."""
    with torch.no_grad():
        for (layer, name, parameter), weight in zip(_parameters(module), weights, strict=True):
            parameter.copy_(torch.tensor(np.ascontiguousarray(_to_torch(layer, name, weight))))
    module.to(memory_format=torch.channels_last)


def weights_of(module: nn.Module) -> list[np.ndarray]:
    """The inverse of `load`."""
    return [_to_keras(layer, name, parameter.detach().numpy()) for layer, name, parameter in _parameters(module)]


def _parameters(module: nn.Module) -> Iterator[tuple[nn.Module, str, nn.Parameter]]:
    for layer in module.modules():
        for name, parameter in layer.named_parameters(recurse=False):
            yield layer, name, parameter


def _to_torch(layer: nn.Module, name: str, weight: np.ndarray) -> np.ndarray:
    if weight.ndim == 4:  # Keras: (height, width, in, out), transposed ones (height, width, out, in)
        return weight[::-1, ::-1].transpose(3, 2, 0, 1)
    if isinstance(layer, DenseOfMap) and name == "weight":
        return weight[layer.places].T
    if isinstance(layer, DenseToMap):
        return weight[..., layer.places].T
    return weight.T


def _to_keras(layer: nn.Module, name: str, weight: np.ndarray) -> np.ndarray:
    if weight.ndim == 4:
        return weight.transpose(2, 3, 1, 0)[::-1, ::-1].copy()
    if isinstance(layer, DenseOfMap) and name == "weight":
        return weight.T[np.argsort(layer.places)]
    if isinstance(layer, DenseToMap):
        return weight.T[..., np.argsort(layer.places)]
    return weight.T.copy()


def _mirrored_places(channels: int, side: int) -> np.ndarray:
    """Where Keras has what PyTorch has at each place of a flattened map."""
    places = np.arange(side * side * channels).reshape(side, side, channels)
    return places[::-1, ::-1].transpose(2, 0, 1).ravel()
