"""What a practitioner can have from unlabelled photographs: docs/results/photographs.md.

The images are CIFAR-10's, which TensorFlow Datasets downloads; those of a folder by --options dataset=folder:PATH. The
rows of the pretrained network need its weights, which Keras downloads, or --options weights=FILE.
"""

from __future__ import annotations

from ...experiment.recipe import NO_FIGURES, OVER_TASKS, Options, Recipe, Row, shots

# strides and a large inner step, for the images are as small as Omniglot's: what did best on validation images
_PAPER: Options = {"recipe": "paper", "downsampling": "stride", "inner_lr": 0.4}
_PROTONETS: Options = {**_PAPER, "learner": "protonets"}
_CLUSTERS: Options = {**_PAPER, "tasks": "cactus", "embedding": "deepcluster"}
_PRETRAINED: Options = {"network": "mobilenet:0.25", "weights": "imagenet", "network_side": 128, "iterations": 0}
_ON_MOBILENET: Options = {"embedding": "mobilenet:0.25", "weights": "imagenet", "network_side": 128}
_NAMES = {"vae": "VAE", "acai": "ACAI", "bigan": "BiGAN", "deepcluster": "DeepCluster"}


def _classifier(method: str, learner: str, embedding: str) -> Row:
    options: Options = {"recipe": "paper", "learner": learner, "embedding": embedding}
    return Row(f"{method}, {_NAMES[embedding]}", NO_FIGURES, options)


RECIPE = Recipe(
    "strong/photographs",
    "not in the paper",
    "CIFAR-10 without labels, 5-way, what a practitioner can have",
    "train_meta",
    shots(1, 5),
    {"dataset": "tfds:cifar10", "recipe": "strong"},
    (
        Row("Training from scratch", NO_FIGURES, {**_PAPER, "learner": "scratch"}),
        _classifier("Linear Classifier", "linear", "vae"),
        _classifier("Linear Classifier", "linear", "acai"),
        _classifier("Linear Classifier", "linear", "bigan"),
        _classifier("Linear Classifier", "linear", "deepcluster"),
        _classifier("K-nearest neighbors", "knn", "deepcluster"),
        _classifier("MLP with dropout", "mlp", "deepcluster"),
        _classifier("Cluster matching", "cluster-matching", "deepcluster"),
        Row("CACTUs-MAML, DeepCluster", NO_FIGURES, _CLUSTERS),
        Row("CACTUs-ProtoNets, DeepCluster", NO_FIGURES, {**_CLUSTERS, "learner": "protonets"}),
        Row("UMTRA-MAML", NO_FIGURES, {**_PAPER, "tasks": "umtra"}),
        Row("LASIUM-RO-VAE-MAML", NO_FIGURES, _PAPER),
        Row("LASIUM-RO-VAE-ProtoNets", NO_FIGURES, _PROTONETS),
        Row("Strong", NO_FIGURES, {}),
        Row("Strong with a VAE", NO_FIGURES, {"tasks": "synthetic"}),
        Row("Narrow", NO_FIGURES, {"train_n_way": 5, "meta_batch_size": 13}),
        Row("Linear Classifier, MobileNet", NO_FIGURES, {**_ON_MOBILENET, "recipe": "paper", "learner": "linear"}),
        Row(
            "MobileNet as it comes",
            NO_FIGURES,
            {**_PRETRAINED, "recipe": "paper", "learner": "protonets", "similarity": "cosine"},
        ),
        Row("MobileNet, strong", NO_FIGURES, _PRETRAINED),
        Row("Supervised MAML", NO_FIGURES, {**_PAPER, "tasks": "supervised"}),
        Row("Supervised ProtoNets", NO_FIGURES, {**_PROTONETS, "tasks": "supervised"}),
    ),
    OVER_TASKS,
)
