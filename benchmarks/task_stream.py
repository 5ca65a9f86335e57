"""The process that times a stream of synthetic tasks, alone and with the training that it feeds.

python -m latentshot.benchmarks.task_stream maml|protonets STEPS
"""

from __future__ import annotations

import itertools
import json
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import keras
import numpy as np

from ..lasium.augmentation.affine import RandomAffine
from ..lasium.learners.learner import FewShotLearner
from ..lasium.learners.maml import MAML
from ..lasium.learners.protonets import ProtoNets
from ..lasium.tasks.augmentation import TaskAugmentation
from ..lasium.tasks.strategies import RandomOutOfClass
from ..lasium.tasks.synthetic import synthetic_tasks
from ..models.conv4 import conv4
from ..models.vae import omniglot_vae
from ..training.determinism import seed_everything

IMAGE_SHAPE = (28, 28, 1)
N_IMAGES = 1000
ROUNDS = 5
FETCHED_IN_ADVANCE = 4  # batches, at most: two by `prefetch`, and those under way
REFILLED = 0.5  # seconds, in which as many are made again, so that no step is beside that


def main() -> None:
    name, steps = sys.argv[1:]
    seed_everything(0)
    learner = MAML(conv4(IMAGE_SHAPE, 5, momentum=0.0)) if name == "maml" else ProtoNets(conv4(IMAGE_SHAPE))
    learner.compile(keras.optimizers.Adam(0.001))
    learner.make_train_function()
    print(json.dumps(_row(name, learner, int(steps))))


def _row(name: str, learner: FewShotLearner, steps: int) -> dict[str, Any]:
    """Medians over the turns, in seconds: a batch of the stream, an iteration without it and one with it."""
    images = np.random.default_rng(0).integers(0, 256, (N_IMAGES, *IMAGE_SHAPE), np.uint8)
    shifted = TaskAugmentation(query=RandomAffine(3))
    stream = synthetic_tasks(omniglot_vae(IMAGE_SHAPE), RandomOutOfClass(0.2), images=images, augmentation=shifted)
    kept = next(iter(stream))
    fed = iter(stream)

    def train(batches: Iterator) -> Callable[[], Any]:
        return lambda: float(learner.train_function(batches)["loss"])

    kinds = {"stream": lambda: next(fed), "kept batch": train(itertools.repeat(kept)), "from the stream": train(fed)}
    seconds = np.array([[_seconds(step, steps) for step in kinds.values()] for _ in range(ROUNDS)])
    alone, without, with_it = np.median(seconds, axis=0)
    share = float(np.median((seconds[:, 2] - seconds[:, 1]) / seconds[:, 2]))
    return {
        "learner": name,
        "a batch of tasks, s": float(alone),
        "iteration on a kept one, s": float(without),
        "iteration on the stream, s": float(with_it),
        "the stream's share": share,
    }


def _seconds(step: Callable[[], Any], steps: int) -> float:
    """Of one step, on average, once what was fetched in advance is used up."""
    time.sleep(REFILLED)
    for _ in range(FETCHED_IN_ADVANCE):
        step()
    start = time.perf_counter()
    for _ in range(steps):
        step()
    return (time.perf_counter() - start) / steps


if __name__ == "__main__":
    main()
