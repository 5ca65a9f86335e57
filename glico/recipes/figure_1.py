"""Figure 1 of Azuri and Weinshall 2020: images of GLICO and of a DCGAN, and their FID, on CIFAR-100.

The paper draws the FID at 10, 100 and 500 images a class, without numbers in the text. Here it is the Frechet distance
of the features that the table names; Keras's InceptionV3 has other weights than the network of the articles' FID, so
the numbers compare with one another alone. The run of the row DCGAN draws both generators' images, as generators.png,
with the GLICO that the other row left in the cache. The classifiers are small, since the figure has none.

It needs CIFAR-100, and the ImageNet weights of VGG-16 and InceptionV3 (or --options features=mobilenet:0.25
features_weights=FILE). Not run here; the same on CIFAR-10 (JPEG) is in docs/results/cifar10-jpeg.md.
"""

from __future__ import annotations

from ...experiment.recipe import OVER_SEEDS, Column, Recipe, Row

SAMPLES = (10, 100, 500)
NO_FIGURES = ("",) * (2 * len(SAMPLES))

RECIPE = Recipe(
    "glico/figure-1",
    "figure 1",
    "CIFAR-100: GLICO's images beside a DCGAN's, by distances of features",
    "train_glico",
    (
        *(
            Column(f"Frechet, {n} a class", {"samples_per_class": n}, "frechet", "frechet_ste", "Frechet distance")
            for n in SAMPLES
        ),
        *(
            Column(
                f"kernel, {n} a class", {"samples_per_class": n}, "kernel", "kernel_ste", "kernel distance", digits=4
            )
            for n in SAMPLES
        ),
    ),
    {"dataset": "cifar100", "samples_per_class": SAMPLES, "classifier": "weak-cnn", "features": "inception-v3"},
    (
        Row("GLICO", NO_FIGURES, {"compare": ("glico",)}),
        Row("DCGAN", NO_FIGURES, {"compare": ("dcgan", "glico")}),
    ),
    OVER_SEEDS,
    pictures=("*-per-class/seed*/pictures/generators.png",),
    beside="features",
)
