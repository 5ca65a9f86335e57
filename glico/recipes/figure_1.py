"""Figure 1 of Azuri and Weinshall 2020: images of GLICO and of a DCGAN, and their FID, on CIFAR-100.

The paper draws the FID at 10, 100 and 500 images a class, without numbers in the text.
"""

from __future__ import annotations

from ...experiment.recipe import OVER_SEEDS, Recipe, Row, per_class
from .missing import DCGAN

RECIPE = Recipe(
    "glico/figure-1",
    "figure 1",
    "CIFAR-100: GLICO's images beside a DCGAN's, by FID",
    "train_glico",
    per_class(10, 100, 500),
    {"dataset": "cifar100"},
    (Row("GLICO", ("", "", ""), missing=DCGAN), Row("DCGAN", ("", "", ""), missing=DCGAN)),
    OVER_SEEDS,
)
