"""Figure 6 of Azuri and Weinshall 2020: top-1 accuracy on CIFAR-10 by labelled images of each class, from 10 to 250.

The paper draws curves of its baseline, GLICO, cutout, random erasing and MixMatch, without numbers in the text. It
needs CIFAR-10 and VGG-16's ImageNet weights; the images of a folder, with its defaults, by --options
dataset=folder:PATH. Not run here at the paper's schedule.
"""

from __future__ import annotations

from ...experiment.recipe import OVER_SEEDS, Recipe, Row, per_class

SAMPLES = (10, 25, 50, 100, 250)
PAPERS = ("baseline", "glico", "cutout", "random-erasing", "mixmatch")
OURS = ("mixup", "autoaugment", "cosine", "glico+autoaugment", "glico+mixmatch")

RECIPE = Recipe(
    "glico/figure-6",
    "figure 6",
    "CIFAR-10, top-1 by labelled images of each class",
    "train_glico",
    per_class(*SAMPLES),
    {"dataset": "cifar10", "samples_per_class": SAMPLES},
    tuple(Row(name, ("",) * len(SAMPLES), {"compare": (name,)}) for name in (*PAPERS, *OURS)),
    OVER_SEEDS,
    is_curve=True,
)
