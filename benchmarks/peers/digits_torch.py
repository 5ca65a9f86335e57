"""PyTorch: from small samples of digits to GLICO's table.

    python -m latentshot.benchmarks.peers.digits_torch PROBLEM IMAGES RESULT

PROBLEM: a pickled `DigitsRun`. IMAGES: an .npz file of `images` (seeds, n, 16, 16, 1) and `test` (m, 16, 16, 1), uint8,
and their `labels` (seeds, n) and `test_labels`. RESULT: as of `omniglot_torch`, the accuracies by method.
"""

from __future__ import annotations

import json
import pickle
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from tqdm import tqdm

from ...training.cpu_kernels import n_threads
from ..digits_run import (
    BATCH_SIZE,
    CUT_RATE,
    DROP_FACTOR,
    DROPS,
    LEARNING_RATE,
    METHODS,
    MODEL,
    MOMENTUM,
    SHIFT,
    SIDE,
    WEIGHT_DECAY,
    DigitsRun,
)
from .torch_digits import Glico, weak_cnn
from .torch_stream import shifted


def main() -> None:
    problem_file, images_file, result_file = map(Path, sys.argv[1:])
    problem: DigitsRun = pickle.loads(problem_file.read_bytes())
    torch.set_num_threads(n_threads())
    with np.load(images_file) as stored:
        images, test = (torch.tensor(np.moveaxis(stored[name], -1, -3)) / 255.0 for name in ("images", "test"))
        labels, test_labels = (torch.tensor(stored[name], dtype=torch.long) for name in ("labels", "test_labels"))
    times = dict.fromkeys((MODEL, *METHODS), 0.0)
    accuracies: dict[str, list[float]] = {method: [] for method in METHODS}
    for seed in range(problem.seeds):
        torch.manual_seed(seed)
        started = time.perf_counter()
        glico = Glico(images[seed], labels[seed])
        for batch in tqdm(batches(len(images[seed]), problem.steps), f"{MODEL}, seed {seed}"):
            glico.step(batch)
        times[MODEL] += time.perf_counter() - started
        for method in METHODS:
            started = time.perf_counter()
            sample = glico.sample if method == "glico" else None
            network = train_classifier(problem.steps, images[seed], labels[seed], sample, method == "cutout")
            times[method] += time.perf_counter() - started
            with torch.inference_mode():
                right = network(test).argmax(dim=1) == test_labels
            accuracies[method].append(100 * right.float().mean().item())
    accuracy = {method: float(np.mean(found)) for method, found in accuracies.items()}
    result_file.write_text(json.dumps({"times": times, "accuracy": accuracy}), encoding="utf-8")


def batches(n: int, steps: int) -> list[torch.Tensor]:
    """Indices (64,) for each step, what does not fill a batch left out of each pass."""
    size = min(BATCH_SIZE, n)
    found: list[torch.Tensor] = []
    while len(found) < steps:
        found += torch.randperm(n).split(size)[: n // size]
    return found[:steps]


def train_classifier(
    steps: int,
    images: torch.Tensor,
    labels: torch.Tensor,
    sample: Callable[[torch.Tensor, torch.Tensor], torch.Tensor] | None,
    cut: bool,
) -> torch.nn.Module:
    """A weak_cnn. sample: puts new images in the place of some. cut: are squares cut out of some?"""
    network = weak_cnn()
    kernels, others = ([w for w in network.parameters() if (w.ndim > 1) == wide] for wide in (True, False))
    groups: list[dict] = [{"params": kernels, "weight_decay": WEIGHT_DECAY}, {"params": others}]
    update = torch.optim.SGD(groups, LEARNING_RATE, MOMENTUM, nesterov=True)
    falls = torch.optim.lr_scheduler.MultiStepLR(update, [int(share * steps) for share in DROPS], DROP_FACTOR)
    mean = images.mean().item()
    for batch in batches(len(images), steps):
        x = images[batch] if sample is None else sample(batch, images[batch])
        x = shifted(x, SHIFT)
        if cut:
            x = cutout(x, mean)
        loss = F.cross_entropy(network(x), labels[batch])
        update.zero_grad()
        loss.backward()
        update.step()
        falls.step()
    return network.eval()


def cutout(images: torch.Tensor, fill: float) -> torch.Tensor:
    """Half of the images with a square of half the side filled, centred anywhere."""
    places = torch.arange(SIDE)
    inside = []
    for _ in range(2):
        first = torch.randint(SIDE, (len(images), 1)) - SIDE // 4
        inside.append((places >= first) & (places < first + SIDE // 2))  # (n, side)
    chosen = torch.rand(len(images), 1, 1, 1) < CUT_RATE
    return torch.where(inside[0][:, None, :, None] & inside[1][:, None, None, :] & chosen, fill, images)


if __name__ == "__main__":
    main()
