"""Figure 1 of Azuri and Weinshall 2020: images of GLICO and of a conditional DCGAN, and their FID, on CIFAR-100.

The paper draws the FID at 10, 100 and 500 images a class, without numbers in the text. Ours is the Frechet distance of
InceptionV3's features between as many made images of each class as there are test images, and these; it is the FID but
for Keras's weights in place of the original's. It needs CIFAR-100 and the weights of InceptionV3 and VGG-16.
--options features=mobilenet:0.25 features_weights=FILE takes another network.
"""

from __future__ import annotations

from ...experiment.recipe import OVER_SEEDS, Column, Recipe, Row

RECIPE = Recipe(
    "glico/figure-1",
    "figure 1",
    "CIFAR-100: GLICO's images beside a DCGAN's, by the Frechet distance of InceptionV3's features",
    "train_glico",
    tuple(Column(f"{n} a class", {"samples_per_class": n}, "frechet", "frechet_ste") for n in (10, 100, 500)),
    {"dataset": "cifar100", "samples_per_class": (10, 100, 500), "features": "inception-v3"},
    (Row("GLICO", ("", "", ""), {"compare": ("glico",)}), Row("DCGAN", ("", "", ""), {"compare": ("dcgan",)})),
    OVER_SEEDS,
    pictures=tuple(f"{n}-per-class/seed0/pictures/generators.png" for n in (10, 100, 500)),
)
