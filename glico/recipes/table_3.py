"""Table III of Azuri and Weinshall 2020: other design choices, on CIFAR-100 with 25 labelled images a class.

It needs CIFAR-100 and VGG-16's ImageNet weights. --budget shrinks it. Not run here at the paper's schedule.
ResNet Init also needs ResNet-50's ImageNet weights.
"""

from __future__ import annotations

from ...experiment.recipe import OVER_SEEDS, Recipe, Row, top_accuracies

RECIPE = Recipe(
    "glico/table-3",
    "table III",
    "CIFAR-100, 25 a class: other design choices",
    "train_glico",
    top_accuracies(1, 5),
    {"dataset": "cifar100", "samples_per_class": (25,), "compare": ("glico",)},
    (
        Row("Latent Classifier", ("43.08 ± 0.06", "70.22 ± 0.05"), {"classifier_space": "latent"}),
        Row("Hypercube Init", ("44.21 ± 0.61", "70.89 ± 0.46"), {"init": "hypercube"}),
        Row("ResNet Init", ("42.95 ± 0.22", "70.10 ± 0.13"), {"init": "resnet"}),
        Row("Additive Noise", ("41.02 ± 0.43", "68.10 ± 0.11"), {"noise": "additive"}),
        Row("Cosine Loss", ("41.01 ± 0.27", "68.45 ± 0.31"), {"compare": ("glico+cosine",)}),
    ),
    OVER_SEEDS,
)
