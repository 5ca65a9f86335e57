"""GLICO's step in PyTorch; images (n, 3, h, w)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
import torch.nn.functional as F

from ..glico_problem import GAMMA, LEARNING_RATE, NOISE_DIM, TAP_WEIGHTS, VGG_BLOCKS, GlicoProblem
from ..maml_problem import EPSILON
from .torch_conv4 import native_batch_norm, to_numpy, to_torch

MEANS = torch.tensor([123.68, 116.779, 103.939])[:, None, None]  # ImageNet's, RGB


def build(
    problem: GlicoProblem, checked: bool, cached: bool
) -> tuple[Callable[[], float], Callable[[], list[np.ndarray]]]:
    """cached: features of real images are computed once."""
    arrays = problem.weights()
    vgg = [to_torch(weight) for weight in arrays["vgg"]]
    codes = torch.nn.Embedding.from_pretrained(torch.tensor(arrays["codes"][0]), freeze=False, sparse=True)
    with torch.no_grad():
        codes.weight.copy_(F.normalize(codes.weight, dim=1))
    generator, classifier = (
        [to_torch(weight).requires_grad_() for weight in arrays[name]] for name in ("generator", "classifier")
    )
    shared = [*generator, *classifier]
    if not checked:
        updates = [torch.optim.Adam(shared, LEARNING_RATE), torch.optim.SparseAdam(codes.parameters(), LEARNING_RATE)]
    else:
        updates = [torch.optim.SGD(shared, 1.0), torch.optim.SGD(codes.parameters(), 1.0)]
    images = torch.tensor(problem.images().transpose(0, 3, 1, 2).copy()) / 255.0
    batch = {name: torch.tensor(value, dtype=torch.long) for name, value in problem.batch().items()}
    kept: list[torch.Tensor] = []
    if cached:
        parts = [features(vgg, images[start : start + 100]) for start in range(0, len(images), 100)]
        kept = [torch.cat(taps) for taps in zip(*parts, strict=True)]

    def step() -> float:
        index, label = batch["index"], batch["label"]
        with torch.no_grad():
            targets = [tap[index] for tap in kept] if cached else features(vgg, images[index])
        noise = problem.sigma * torch.randn(len(index), NOISE_DIM)
        made = generate(generator, torch.cat([codes(index), noise], dim=1))
        taps = zip(TAP_WEIGHTS, features(vgg, made), targets, strict=True)
        reconstruction = torch.stack([weight * (ours - theirs).abs().mean() for weight, ours, theirs in taps]).sum()
        loss = reconstruction + GAMMA * F.cross_entropy(classify(classifier, made), label)
        for update in updates:
            update.zero_grad()
        loss.backward()
        for update in updates:
            update.step()
        with torch.no_grad():
            codes.weight[index] = F.normalize(codes.weight[index], dim=1)
        return loss.item()

    def weights() -> list[np.ndarray]:
        return [to_numpy(weight) for weight in (codes.weight, *shared)]

    return step, weights


def features(vgg: list[torch.Tensor], images: torch.Tensor) -> list[torch.Tensor]:
    """The five taps of images in [0, 1]."""
    x, taps, number = (255.0 * images - MEANS).flip(1), [], 0  # BGR
    x = x.contiguous(memory_format=torch.channels_last)  # faster by a few percent
    for block in VGG_BLOCKS:
        for place in range(len(block)):
            x = F.relu(F.conv2d(x, vgg[2 * number], vgg[2 * number + 1], padding=1))
            number += 1
            if place == 1:
                taps.append(x)
                if len(taps) == len(VGG_BLOCKS):
                    return taps
        x = F.max_pool2d(x, 2)
    return taps


def generate(weights: list[torch.Tensor], latents: torch.Tensor, training: bool = True) -> torch.Tensor:
    """training: normalized by the batch's statistics; otherwise by the moving ones, here 0 and 1."""

    def normalized(x: torch.Tensor, scale: torch.Tensor, shift: torch.Tensor) -> torch.Tensor:
        if training:
            return native_batch_norm(x, scale, shift)
        return F.batch_norm(x, torch.zeros_like(scale), torch.ones_like(scale), scale, shift, eps=EPSILON)

    dense, scale, shift, *others = weights
    x = (latents @ dense).view(len(latents), 4, 4, -1).permute(0, 3, 1, 2)  # Keras's order of a map
    x = F.relu(normalized(x, scale, shift))
    while len(others) > 2:
        kernel, scale, shift, *others = others
        x = F.relu(normalized(F.conv_transpose2d(x, kernel, stride=2, padding=1), scale, shift))
    kernel, bias = others
    return torch.sigmoid(F.conv_transpose2d(x, kernel, bias, stride=2, padding=1))


def classify(weights: list[torch.Tensor], images: torch.Tensor) -> torch.Tensor:
    x, others = images, weights
    while len(others) > 2:
        kernel, scale, shift, *others = others
        x = F.conv2d(F.pad(x, (0, 1, 0, 1)), kernel, stride=2)  # TensorFlow pads an even side at its end alone
        x = F.leaky_relu(native_batch_norm(x, scale, shift), 0.2)
    kernel, bias = others
    return x.mean(dim=(2, 3)) @ kernel + bias
