"""PyTorch: half of a batch replaced by images generated between codes of a class, then flips and shifts."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
import torch.nn.functional as F

from ..classifier_problem import BLOCKS, GROUPS, LEARNING_RATE, MOMENTUM, RATIOS, WEIGHT_DECAY, ClassifierProblem
from ..glico_problem import NOISE_DIM
from .torch_conv4 import native_batch_norm, to_numpy, to_torch
from .torch_glico import generate

PADDING = 4  # pixels


def build(problem: ClassifierProblem, checked: bool) -> tuple[Callable[[], float], Callable[[], list[np.ndarray]]]:
    weights = [to_torch(weight).requires_grad_() for weight in problem.weights()]
    kernels, others = ([w for w in weights if (w.ndim > 1) == is_kernel] for is_kernel in (True, False))
    groups = [{"params": kernels, "weight_decay": WEIGHT_DECAY}, {"params": others}]
    if checked:
        update = torch.optim.SGD(groups, 1.0)
    else:
        update = torch.optim.SGD(groups, LEARNING_RATE, MOMENTUM, nesterov=True)
    images = torch.tensor(problem.model.images().transpose(0, 3, 1, 2).copy()) / 255.0
    batch = {name: torch.tensor(value, dtype=torch.long) for name, value in problem.model.batch().items()}
    sample = _sampler(problem)

    def step() -> float:
        index, label = batch["index"], batch["label"]
        x = images[index]
        replaced = torch.rand(len(index)) < problem.p
        if replaced.any():
            x[replaced] = sample(index[replaced])
        if problem.augmented:
            x = augment(x)
        loss = F.cross_entropy(logits(weights, x), label)
        update.zero_grad()
        loss.backward()
        update.step()
        return loss.item()

    return step, lambda: [to_numpy(weight) for weight in weights]


def _sampler(problem: ClassifierProblem) -> Callable[[torch.Tensor], torch.Tensor]:
    """New images in place of those of the indices."""
    arrays = problem.model.weights()
    codes = F.normalize(torch.tensor(arrays["codes"][0]), dim=1)
    generator = [to_torch(weight) for weight in arrays["generator"]]
    n_classes, per_class = problem.n_classes, problem.n_images // problem.n_classes
    ratios = torch.tensor(RATIOS)

    @torch.no_grad()
    def sample(index: torch.Tensor) -> torch.Tensor:
        # the images of a class are n_classes apart
        partners = (index + n_classes * torch.randint(1, per_class, index.shape)) % problem.n_images
        a, b, t = codes[index], codes[partners], ratios[torch.randint(len(ratios), index.shape)][:, None]
        angle = torch.arccos((a * b).sum(dim=1, keepdim=True).clamp(-1, 1))
        between = (torch.sin((1 - t) * angle) * a + torch.sin(t * angle) * b) / torch.sin(angle)
        noise = problem.model.sigma * torch.randn(len(index), NOISE_DIM)
        return generate(generator, torch.cat([between, noise], dim=1), training=False)

    return sample


def augment(images: torch.Tensor) -> torch.Tensor:
    """Each image flipped by chance, and shifted by up to 4 pixels."""
    n, _, side, _ = images.shape
    images = torch.where(torch.rand(n, 1, 1, 1) < 0.5, images.flip(3), images)
    padded = F.pad(images, (PADDING,) * 4)
    rows, columns = (torch.randint(2 * PADDING + 1, (n, 1)) + torch.arange(side) for _ in range(2))  # (n, side)
    return padded[torch.arange(n)[:, None, None], :, rows[:, :, None], columns[:, None, :]].permute(0, 3, 1, 2)


def logits(weights: list[torch.Tensor], images: torch.Tensor) -> torch.Tensor:
    """WRN-16-4 of images (n, 3, h, w), by the weights in their order."""
    rest = iter(weights)

    def activated(x: torch.Tensor) -> torch.Tensor:
        return F.relu(native_batch_norm(x, next(rest), next(rest)))

    x = F.conv2d(images, next(rest), padding=1)
    for channels, stride in GROUPS:
        for block in range(BLOCKS):
            strides, before = (stride if block == 0 else 1), x.shape[1]
            active = activated(x)
            y = activated(convolve(active, next(rest), strides))
            shortcut = F.conv2d(active, next(rest), stride=strides) if channels != before else x
            x = shortcut + F.conv2d(y, next(rest), padding=1)
    return activated(x).mean(dim=(2, 3)) @ next(rest) + next(rest)


def convolve(x: torch.Tensor, kernel: torch.Tensor, stride: int) -> torch.Tensor:
    """3x3 as TensorFlow pads it: an even side that is halved at its end alone."""
    return F.conv2d(F.pad(x, (0, 1, 0, 1)), kernel, stride=2) if stride == 2 else F.conv2d(x, kernel, padding=1)
