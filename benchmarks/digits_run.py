"""From nothing to GLICO's table on digits, as numbers: what every candidate does."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from ..glico.experiment.schedule import schedule
from .omniglot_run import REST

# The defaults of bin/train_glico.py for digits (tests/test_benchmarks.py compares them), whose help has the sources.
SIDE, N_CLASSES, N_TRAINING = 16, 10, 897  # pixels; digits; training images
METHODS = ("baseline", "cutout", "glico")
MODEL = "codes and generator"
LATENT_DIM, NOISE_DIM, SIGMA = 128, 16, 0.15
GENERATOR = ((128, 4), (64, 8), (1, 16))  # channels and side of its maps
WEAK_CNN = ((32, 8), (64, 4), (128, 2), (128, 1))
GAMMA = 0.01
GENERATOR_LR, CODE_LR = 0.002, 0.01
BATCH_SIZE, EPOCHS = 64, 200
LEARNING_RATE, MOMENTUM, WEIGHT_DECAY = 0.1, 0.9, 5e-4
DROPS, DROP_FACTOR = (0.3, 0.6, 0.8), 0.2  # shares of the training
P, RATIOS = 0.5, (0.1, 0.2, 0.3, 0.4)
SHIFT, CUT_RATE = 2, 0.5  # pixels; of the images that Cutout changes


@dataclass(frozen=True)
class DigitsRun:
    """Of each seed a sample of ten images a class, GLICO on it, and three classifiers; the command's defaults.

    budget: what shrinks the paper's 200 passes.
    """

    seeds: int = 5
    samples_per_class: int = 10
    budget: float = 0.1

    @property
    def steps(self) -> int:
        """Of the generative model, and of each classifier."""
        return schedule(N_TRAINING, EPOCHS, BATCH_SIZE, self.budget).steps

    def flops(self) -> dict[str, float]:
        """Of the convolutions of each phase, a multiply-add being two: forward, and backward by inputs and weights. Of
        what is left nothing is counted."""
        generator = 2.0 * (LATENT_DIM + NOISE_DIM) * GENERATOR[0][0] * GENERATOR[0][1] ** 2
        for (before, side), (channels, _) in pairwise(GENERATOR):
            generator += 2.0 * 16 * before * channels * side**2
        classifier, before = 0.0, 1
        for channels, side in WEAK_CNN:
            classifier += 2.0 * 9 * before * channels * side**2
            before = channels
        images = self.seeds * self.steps * BATCH_SIZE
        phases = {MODEL: images * 3 * (generator + classifier)}
        for method in METHODS:
            phases[method] = images * (3 * classifier + P * generator * (method == "glico"))
        return phases | {REST: 0.0}
