"""What a practitioner can have from unlabelled photographs: docs/results/photographs.md.

The images are CIFAR-10's, which TensorFlow Datasets downloads; those of a folder by --options dataset=folder:PATH. The
rows of the pretrained network need its weights, which Keras downloads, or --options weights=FILE.
"""

from __future__ import annotations

from ...experiment.recipe import OVER_TASKS, Options, Recipe, Row, shots

_NONE = ("", "")  # the paper has no such row
_PAPER: Options = {"recipe": "paper"}
_PROTONETS: Options = {"recipe": "paper", "learner": "protonets"}
_PRETRAINED: Options = {"network": "mobilenet:0.25", "weights": "imagenet", "network_side": 128, "iterations": 0}

RECIPE = Recipe(
    "strong/photographs",
    "not in the paper",
    "CIFAR-10 without labels, 5-way, what a practitioner can have",
    "train_meta",
    shots(1, 5),
    {"dataset": "tfds:cifar10", "recipe": "strong"},
    (
        Row("Training from scratch", _NONE, {**_PAPER, "learner": "scratch"}),
        Row("UMTRA-MAML", _NONE, {**_PAPER, "tasks": "umtra"}),
        Row("LASIUM-RO-VAE-MAML", _NONE, _PAPER),
        Row("LASIUM-RO-VAE-ProtoNets", _NONE, _PROTONETS),
        Row("Strong", _NONE, {}),
        Row("Strong with a VAE", _NONE, {"tasks": "synthetic"}),
        Row("Narrow", _NONE, {"train_n_way": 5, "meta_batch_size": 13}),
        Row("MobileNet as it comes", _NONE, {**_PRETRAINED, **_PROTONETS, "similarity": "cosine"}),
        Row("MobileNet, strong", _NONE, _PRETRAINED),
    ),
    OVER_TASKS,
)
