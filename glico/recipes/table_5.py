"""Table V of Azuri and Weinshall 2020: unlabelled images beside 25 labelled ones a class of CIFAR-100.

It needs CIFAR-100 and VGG-16's ImageNet weights. --budget shrinks it. Not run here at the paper's schedule.
"""

from __future__ import annotations

from ...experiment.recipe import OVER_SEEDS, Options, Recipe, Row, top_accuracies

_MIXMATCH: Options = {"compare": ("mixmatch",), "guess_weight": 150.0}  # as its authors for CIFAR-100

RECIPE = Recipe(
    "glico/table-5",
    "table V",
    "CIFAR-100, 25 a class: with unlabelled images",
    "train_glico",
    top_accuracies(1),
    {"dataset": "cifar100", "samples_per_class": (25,)},
    (
        Row("Baseline", ("38.39 ± 0.18",), {"compare": ("baseline",)}),
        Row("MixMatch", ("40.17",), _MIXMATCH),
        Row("MixMatch, 1,000 unlabelled", ("42.39",), {**_MIXMATCH, "unlabelled": 1000}),
        Row("MixMatch, 35,000 unlabelled", ("50.34",), {**_MIXMATCH, "unlabelled": 35_000}),
        Row("GLICO", ("43.84 ± 0.25",), {"compare": ("glico",)}),
        Row("GLICO, 1,000 unlabelled", ("44.52 ± 0.12",), {"compare": ("glico",), "unlabelled": 1000}),
        Row("GLICO, 35,000 unlabelled", ("44.73 ± 0.07",), {"compare": ("glico",), "unlabelled": 35_000}),
        # ours: the paper names it as what its method lacks: label guessing
        Row("GLICO, 1,000 with pseudo-labels", ("",), {"compare": ("glico+pseudo-labels",), "unlabelled": 1000}),
        Row("GLICO, 35,000 with pseudo-labels", ("",), {"compare": ("glico+pseudo-labels",), "unlabelled": 35_000}),
    ),
    OVER_SEEDS,
)
