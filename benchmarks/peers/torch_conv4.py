"""conv4 as a function of its weights, for PyTorch; images (n, c, h, w), kernels (out, in, 3, 3).

With strides images and kernels are mirrored, as `torch_mirrored` says why: PyTorch then pads as its users let it, where
padding by hand takes its step a tenth longer and more. Its format `channels_last` gained nothing here, and lost at
84x84x3.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
import torch.nn.functional as F

from ..maml_problem import EPSILON, MamlProblem


def parameters(problem: MamlProblem) -> list[torch.Tensor]:
    """The problem's weights in PyTorch's layout."""
    return [to_torch(_mirrored(problem, weight, 0)) for weight in problem.weights()]


def keras_weights(problem: MamlProblem, weights: list[torch.Tensor]) -> list[np.ndarray]:
    """The inverse of `parameters`."""
    return [_mirrored(problem, to_numpy(weight), 0) for weight in weights]


def _mirrored(problem: MamlProblem, array: np.ndarray, height: int) -> np.ndarray:
    """With strides. height: its axis, the width's being the next; an array without the latter is left alone."""
    has_sides = array.ndim > 2 and problem.downsampling == "stride"
    return np.flip(array, (height, height + 1)) if has_sides else array


def to_torch(weight: np.ndarray) -> torch.Tensor:
    if weight.ndim == 4:
        weight = weight.transpose(3, 2, 0, 1)
    return torch.tensor(np.ascontiguousarray(weight))


def to_numpy(weight: torch.Tensor) -> np.ndarray:
    array = weight.detach().numpy().copy()
    return array.transpose(2, 3, 1, 0) if array.ndim == 4 else array


def batch(problem: MamlProblem) -> dict[str, torch.Tensor]:
    """Images (tasks, n, c, h, w) and labels (tasks, n)."""
    arrays = problem.batch()
    images = {name: _mirrored(problem, arrays[name], 2) for name in arrays if "images" in name}
    tasks = {name: torch.tensor(array.transpose(0, 1, 4, 2, 3).copy()) for name, array in images.items()}
    return tasks | {name: torch.tensor(arrays[name], dtype=torch.long) for name in arrays if "labels" in name}


def native_batch_norm(x: torch.Tensor, scale: torch.Tensor, shift: torch.Tensor) -> torch.Tensor:
    return F.batch_norm(x, None, None, scale, shift, training=True, eps=EPSILON)


def plain_batch_norm(x: torch.Tensor, scale: torch.Tensor, shift: torch.Tensor) -> torch.Tensor:
    """By elementary operations: under torch.func of 2.13 the native one's second derivatives are wrong, by percents."""
    mean = x.mean(dim=(0, 2, 3), keepdim=True)
    variance = (x - mean).square().mean(dim=(0, 2, 3), keepdim=True)
    return (x - mean) * torch.rsqrt(variance + EPSILON) * scale[:, None, None] + shift[:, None, None]


def logits(
    problem: MamlProblem, weights: list[torch.Tensor], x: torch.Tensor, batch_norm: Callable = native_batch_norm
) -> torch.Tensor:
    for block in range(4):
        kernel, scale, shift = weights[3 * block : 3 * block + 3]
        x = F.conv2d(x, kernel, stride=2 if problem.downsampling == "stride" else 1, padding=1)
        x = F.relu(batch_norm(x, scale, shift))
        if problem.downsampling == "max_pool":
            x = F.max_pool2d(x, 2)
    # Keras flattens positions before channels
    x = x.mean(dim=(2, 3)) if problem.downsampling == "stride" else x.permute(0, 2, 3, 1).reshape(len(x), -1)
    return x @ weights[-2] + weights[-1]


def loss_of(
    problem: MamlProblem,
    weights: list[torch.Tensor],
    images: torch.Tensor,
    labels: torch.Tensor,
    batch_norm: Callable = native_batch_norm,
) -> torch.Tensor:
    return F.cross_entropy(logits(problem, weights, images, batch_norm), labels)
