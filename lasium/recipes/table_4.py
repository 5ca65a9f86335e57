"""Table 4 of Khodadadeh et al. 2020: mini-ImageNet, 5-way.

It needs ImageNet's or mini-ImageNet's class folders (--data-dir), and for the rows with a GAN TF-Hub's BigBiGAN.
UMTRA's figures stand there without intervals; its authors have AutoAugment where ours has Omniglot's copies. Not run
here.
"""

from __future__ import annotations

from ...experiment.recipe import OVER_TASKS, Recipe, Row, shots

RECIPE = Recipe(
    "lasium/table-4",
    "table 4",
    "mini-ImageNet, 5-way",
    "train_meta",
    shots(1, 5, 20, 50),
    {"dataset": "mini-imagenet", "recipe": "paper", "iterations": 15_000, "sigma2": 1.0},
    (
        Row(
            "Training from scratch",
            ("27.59 ± 0.59", "38.48 ± 0.66", "51.53 ± 0.72", "59.63 ± 0.74"),
            {"learner": "scratch"},
        ),
        Row(
            "K-nearest neighbors, BiGAN",
            ("25.56 ± 1.08", "31.10 ± 0.63", "37.31 ± 0.40", "43.60 ± 0.37"),
            {"learner": "knn", "embedding": "bigan"},
        ),
        Row(
            "Linear Classifier, BiGAN",
            ("27.08 ± 1.24", "33.91 ± 0.64", "44.00 ± 0.45", "50.41 ± 0.37"),
            {"learner": "linear", "embedding": "bigan"},
        ),
        Row(
            "MLP with dropout, BiGAN",
            ("22.91 ± 0.54", "29.06 ± 0.63", "40.06 ± 0.72", "48.36 ± 0.71"),
            {"learner": "mlp", "embedding": "bigan"},
        ),
        Row(
            "Cluster matching, BiGAN",
            ("24.63 ± 0.56", "29.49 ± 0.58", "33.89 ± 0.63", "36.13 ± 0.64"),
            {"learner": "cluster-matching", "embedding": "bigan"},
        ),
        Row(
            "K-nearest neighbors, DeepCluster",
            ("28.90 ± 1.25", "42.25 ± 0.67", "56.44 ± 0.43", "63.90 ± 0.38"),
            {"learner": "knn", "embedding": "deepcluster"},
        ),
        Row(
            "Linear Classifier, DeepCluster",
            ("29.44 ± 1.22", "39.79 ± 0.64", "56.19 ± 0.43", "65.28 ± 0.34"),
            {"learner": "linear", "embedding": "deepcluster"},
        ),
        Row(
            "MLP with dropout, DeepCluster",
            ("29.03 ± 0.61", "39.67 ± 0.69", "52.71 ± 0.62", "60.95 ± 0.63"),
            {"learner": "mlp", "embedding": "deepcluster"},
        ),
        Row(
            "Cluster matching, DeepCluster",
            ("22.20 ± 0.50", "23.50 ± 0.52", "24.97 ± 0.54", "26.87 ± 0.55"),
            {"learner": "cluster-matching", "embedding": "deepcluster"},
        ),
        Row(
            "CACTUs-MAML, BiGAN",
            ("36.24 ± 0.74", "51.28 ± 0.68", "61.33 ± 0.67", "66.91 ± 0.68"),
            {"tasks": "cactus", "embedding": "bigan", "n_partitions": 50},
        ),
        Row(
            "CACTUs-MAML, DeepCluster",
            ("39.90 ± 0.74", "53.97 ± 0.70", "63.84 ± 0.70", "69.64 ± 0.63"),
            {"tasks": "cactus", "embedding": "deepcluster", "n_partitions": 50},
        ),
        Row("UMTRA-MAML", ("39.93", "50.73", "61.11", "67.15"), {"tasks": "umtra"}),
        Row(
            "LASIUM-N-GAN-MAML",
            ("40.19 ± 0.58", "54.56 ± 0.55", "65.17 ± 0.49", "69.13 ± 0.49"),
            {"generator": "bigbigan", "strategy": "n"},
        ),
        Row(
            "CACTUs-ProtoNets, BiGAN",
            ("36.62 ± 0.70", "50.16 ± 0.73", "59.56 ± 0.68", "63.27 ± 0.67"),
            {"tasks": "cactus", "embedding": "bigan", "n_partitions": 50, "learner": "protonets"},
        ),
        Row(
            "CACTUs-ProtoNets, DeepCluster",
            ("39.18 ± 0.71", "53.36 ± 0.70", "61.54 ± 0.68", "63.55 ± 0.64"),
            {"tasks": "cactus", "embedding": "deepcluster", "n_partitions": 50, "learner": "protonets"},
        ),
        Row(
            "LASIUM-N-GAN-ProtoNets",
            ("40.05 ± 0.60", "52.53 ± 0.51", "59.45 ± 0.48", "61.43 ± 0.45"),
            {"generator": "bigbigan", "strategy": "n", "learner": "protonets"},
        ),
        Row(
            "Supervised MAML", ("46.81 ± 0.77", "62.13 ± 0.72", "71.03 ± 0.69", "75.54 ± 0.62"), {"tasks": "supervised"}
        ),
        Row(
            "Supervised ProtoNets",
            ("46.56 ± 0.76", "62.29 ± 0.71", "70.05 ± 0.65", "72.04 ± 0.60"),
            {"tasks": "supervised", "learner": "protonets"},
        ),
    ),
    OVER_TASKS,
)
