"""Figure 7 of Azuri and Weinshall 2020: GLICO with weak and strong classifiers in the generative model, on CIFAR-10.

The paper draws curves, without numbers in the text. It needs CIFAR-10 and VGG-16's ImageNet weights. Not run here
at the paper's schedule; two rows at a shorter one are in docs/results/cifar10-jpeg.md.
"""

from __future__ import annotations

from ...experiment.recipe import OVER_SEEDS, Recipe, Row, per_class

SAMPLES = (10, 25, 50, 100, 250)
NETWORKS = ("weak-cnn", "wrn-28-10", "resnet-50", "vgg-19")

RECIPE = Recipe(
    "glico/figure-7",
    "figure 7",
    "CIFAR-10: weak against strong classifiers in the generative model",
    "train_glico",
    per_class(*SAMPLES),
    {"dataset": "cifar10", "samples_per_class": SAMPLES, "compare": ("glico",)},
    tuple(Row(name, ("",) * len(SAMPLES), {"weak_classifier": name}) for name in NETWORKS),
    OVER_SEEDS,
    is_curve=True,
)
