"""Figure 6 of Azuri and Weinshall 2020: top-1 accuracy on CIFAR-10 by labelled images of each class, from 10 to 250.

The paper draws curves, without numbers in the text. It needs CIFAR-10 and VGG-16's ImageNet weights. Not run here.
"""

from __future__ import annotations

from ...experiment.recipe import OVER_SEEDS, Recipe, Row, per_class

SAMPLES = (10, 25, 50, 100, 250)
NO_FIGURES = ("",) * len(SAMPLES)

RECIPE = Recipe(
    "glico/figure-6",
    "figure 6",
    "CIFAR-10, top-1 by labelled images of each class",
    "train_glico",
    per_class(*SAMPLES),
    {"dataset": "cifar10", "samples_per_class": SAMPLES},
    (
        *(
            Row(name, NO_FIGURES, {"compare": (name,)})
            for name in ("baseline", "glico", "cutout", "random-erasing", "mixmatch")
        ),
    ),
    OVER_SEEDS,
    factor=2.0,
)
