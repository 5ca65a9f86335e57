"""Table I of Azuri and Weinshall 2020: top-1 accuracy on CIFAR-100 and CUB-200, by labelled images of each class.

It needs CIFAR-100 and CUB-200, VGG-16's ImageNet weights, and a GPU: 200 epochs of WRN-28-10 and ResNet-50, 3 seeds.
--budget shrinks it. Cosine is the loss of Barz and Denzler, whose own network and schedule are not ours: the paper's
figures of it are from their code, and those in parentheses, from their article, are left out.
Some classes of CUB-200 have 29 training images, so the 30 a class of the paper are not to be had. Not run here.
On CUB-200 the authors' README (https://github.com/IdanAzuri/glico-learning-small-sample) starts GLICO's ResNet-50 from
ImageNet's weights, which the article does not say. That the other rows of theirs do too is our reading of their
figures. MixMatch and Cosine are others' code, and from scratch here.
"""

from __future__ import annotations

from ...experiment.recipe import OVER_SEEDS, Options, Recipe, Row, per_class

SAMPLES = (5, 10, 20, 25, 30, 50, 100)
# By samples of each class.
CIFAR100 = {
    "baseline": {10: "22.89 ± 0.09", 25: "38.39 ± 0.10", 50: "47.82 ± 0.11", 100: "61.37 ± 0.13"},
    "glico": {10: "28.55 ± 0.40", 25: "43.84 ± 0.25", 50: "52.95 ± 0.20", 100: "64.27 ± 0.04"},
    "mixmatch": {10: "24.80", 25: "40.17", 50: "49.87", 100: "59.03"},
    "cutout": {10: "23.43 ± 0.24", 25: "39.11 ± 0.59", 50: "52.11 ± 0.28", 100: "64.49 ± 0.10"},
    "random-erasing": {10: "23.26 ± 0.27", 25: "37.45 ± 0.15", 50: "50.50 ± 0.41", 100: "64.03 ± 0.22"},
    "cosine": {10: "23.01", 25: "28.05", 50: "44.55", 100: "55.99"},
}
CUB200 = {
    "baseline": {5: "50.79 ± 0.19", 10: "64.11 ± 0.22", 20: "69.11 ± 0.55", 30: "75.15 ± 0.10"},
    "glico": {5: "51.52 ± 0.21", 10: "65.13 ± 0.12", 20: "74.16 ± 0.17", 30: "77.75 ± 0.20"},
    "mixmatch": {5: "15.01", 10: "36.02", 20: "60.57", 30: "70.41"},
    "cutout": {5: "50.63 ± 0.31", 10: "64.33 ± 0.02", 20: "68.47 ± 0.20", 30: "74.97 ± 0.34"},
    "random-erasing": {5: "48.90 ± 0.45", 10: "63.72 ± 0.20", 20: "66.14 ± 0.23", 30: "73.74 ± 0.34"},
    "cosine": {5: "17.80", 10: "34.23", 20: "52.00", 30: "62.25"},
}
# The weight that MixMatch has for CIFAR-100 in its own article, which has no birds
OPTIONS: dict[str, Options] = {"mixmatch": {"guess_weight": 150.0}}


def _row(dataset: str, samples: tuple[int, ...], method: str, figures: dict[int, str]) -> Row:
    options = {"dataset": dataset, "compare": (method,), "samples_per_class": samples, **OPTIONS.get(method, {})}
    options |= {"pretrained": True} if dataset == "cub200" and method not in ("mixmatch", "cosine") else {}
    in_columns = tuple(figures.get(n, "") for n in SAMPLES)
    return Row(f"{method}, {dataset}", in_columns, options)


RECIPE = Recipe(
    "glico/table-1",
    "table I",
    "CIFAR-100 and CUB-200, top-1 by labelled images of each class",
    "train_glico",
    per_class(*SAMPLES),
    {},
    (
        *(_row("cifar100", (10, 25, 50, 100), method, figures) for method, figures in CIFAR100.items()),
        *(_row("cub200", (5, 10, 20), method, figures) for method, figures in CUB200.items()),
    ),
    OVER_SEEDS,
    ranked_within=("dataset",),
)
