"""How long something is trained: the paper's epochs, its oversampling rule and the budget that shrinks both."""

from __future__ import annotations

import math
from dataclasses import dataclass

PARTS = 20  # of a training, or a few more, each of which ends in a checkpoint and a point of the curves


@dataclass(frozen=True)
class Schedule:
    """A training of `epochs` times `steps_per_epoch` steps, in Keras's words: an epoch is a part of it."""

    epochs: int
    steps_per_epoch: int

    @property
    def steps(self) -> int:
        return self.epochs * self.steps_per_epoch


def steps_of(images: int, passes: int, batch_size: int, budget: float) -> int:
    """`passes` times over so many images, shrunk by the budget.

    By the oversampling rule (section IV-C) `images` is the size of the whole training set, not of the sample.
    """
    return max(1, round(budget * passes * images / batch_size))


def schedule(images: int, passes: int, batch_size: int, budget: float) -> Schedule:
    """The steps of `steps_of`, and less than a part more."""
    return in_parts(steps_of(images, passes, batch_size, budget))


def in_parts(steps: int) -> Schedule:
    """So many steps, and less than a part more."""
    steps_per_epoch = max(1, steps // PARTS)
    return Schedule(math.ceil(steps / steps_per_epoch), steps_per_epoch)
