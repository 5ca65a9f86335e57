"""Table IV of Azuri and Weinshall 2020: GLICO and AutoAugment, transductive, on CIFAR-100 with 50 labels a class.

It needs CIFAR-100 and VGG-16's ImageNet weights. --budget shrinks it. Not run here at the paper's schedule.
"""

from __future__ import annotations

from ...experiment.recipe import OVER_SEEDS, Recipe, Row, top_accuracies

RECIPE = Recipe(
    "glico/table-4",
    "table IV",
    "CIFAR-100, 50 a class, transductive: GLICO and AutoAugment",
    "train_glico",
    top_accuracies(1, 5),
    {"dataset": "cifar100", "samples_per_class": (50,), "transductive": True},
    (
        Row("Baseline", ("50.37 ± 0.05", "75.61 ± 0.01"), {"compare": ("baseline",)}),
        Row("GLICO", ("53.35 ± 0.23", "77.60 ± 0.12"), {"compare": ("glico",)}),
        Row("AutoAugment", ("53.80 ± 0.10", "79.18 ± 0.13"), {"compare": ("autoaugment",)}),
        Row("AutoAugment and GLICO", ("56.31 ± 0.02", "80.66 ± 0.04"), {"compare": ("autoaugment+glico",)}),
    ),
    OVER_SEEDS,
)
