"""Table II of Azuri and Weinshall 2020: GLICO without one of its parts, on CIFAR-100 with 25 labelled images a class.

It needs CIFAR-100 and VGG-16's ImageNet weights. --budget shrinks it. Not run here at the paper's schedule.
"""

from __future__ import annotations

from ...experiment.recipe import OVER_SEEDS, Recipe, Row, top_accuracies

RECIPE = Recipe(
    "glico/table-2",
    "table II",
    "CIFAR-100, 25 a class: what each part of GLICO does",
    "train_glico",
    top_accuracies(1, 5),
    {"dataset": "cifar100", "samples_per_class": (25,)},
    (
        Row("GLICO", ("43.84 ± 0.25", "70.73 ± 0.07"), {"compare": ("glico",)}),
        Row("Baseline", ("38.39 ± 0.18", "67.77 ± 0.18"), {"compare": ("baseline",)}),
        Row("No Classifier", ("41.57 ± 0.54", "69.55 ± 0.11"), {"compare": ("glico",), "no_classifier": True}),
        Row("No Noise", ("43.31 ± 0.02", "70.05 ± 0.02"), {"compare": ("glico",), "no_noise": True}),
        Row("Lerp", ("43.01 ± 0.06", "70.51 ± 0.03"), {"compare": ("glico",), "interpolation": "lerp"}),
        Row("Transductive", ("44.79 ± 0.12", "71.28 ± 0.09"), {"compare": ("glico",), "transductive": True}),
    ),
    OVER_SEEDS,
)
