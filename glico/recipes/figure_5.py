"""Figure 5 of Azuri and Weinshall 2020: images between two codes on CIFAR-100, and reconstructions on CUB-200.

Every run draws both, as interpolations.png and reconstructions.png. It needs CIFAR-100 and CUB-200, and VGG-16's
ImageNet weights. Not run here; interpolations on CIFAR-10 (JPEG) are in docs/results/cifar10-jpeg.md.
"""

from __future__ import annotations

from ...experiment.recipe import OVER_SEEDS, Recipe, Row, top_accuracies

RECIPE = Recipe(
    "glico/figure-5",
    "figure 5",
    "CIFAR-100 and CUB-200, 10 a class: interpolations and reconstructions",
    "train_glico",
    top_accuracies(1),
    {"samples_per_class": (10,), "compare": ("glico",)},
    (Row("CIFAR-100", ("",), {"dataset": "cifar100"}), Row("CUB-200", ("",), {"dataset": "cub200"})),
    OVER_SEEDS,
    pictures=("*-per-class/seed*/pictures/interpolations.png", "*-per-class/seed*/pictures/reconstructions.png"),
)
