"""Table 3 of Khodadadeh et al. 2020: CelebA's attributes, 2-way 5-shot.

It needs CelebA with its attributes (--data-dir), and for the rows with a GAN TF-Hub's ProGAN. Not run here.
"""

from __future__ import annotations

from ...experiment.recipe import OVER_TASKS, Recipe, Row, shots
from .transfer import TRANSFER

RECIPE = Recipe(
    "lasium/table-3",
    "table 3",
    "CelebA's attributes, 2-way",
    "train_meta",
    shots(5),
    {
        "dataset": "celeba-attributes",
        "recipe": "paper",
        "iterations": 15_000,
        "n_way": 2,
        "train_k_shot": 5,
        "n_query": 5,
    },
    (
        Row("Training from scratch", ("63.19 ± 1.06",), {"learner": "scratch"}),
        Row("K-nearest neighbors, BiGAN", ("56.15 ± 0.89",), {"learner": "knn", "embedding": "bigan"}),
        Row("Linear Classifier, BiGAN", ("58.44 ± 0.90",), {"learner": "linear", "embedding": "bigan"}),
        Row("MLP with dropout, BiGAN", ("56.26 ± 0.94",), {"learner": "mlp", "embedding": "bigan"}),
        Row("Cluster matching, BiGAN", ("56.20 ± 1.00",), {"learner": "cluster-matching", "embedding": "bigan"}),
        Row("K-nearest neighbors, DeepCluster", ("61.47 ± 0.99",), {"learner": "knn", "embedding": "deepcluster"}),
        Row("Linear Classifier, DeepCluster", ("59.57 ± 0.98",), {"learner": "linear", "embedding": "deepcluster"}),
        Row("MLP with dropout, DeepCluster", ("60.65 ± 0.9",), {"learner": "mlp", "embedding": "deepcluster"}),
        Row(
            "Cluster matching, DeepCluster",
            ("51.51 ± 0.89",),
            {"learner": "cluster-matching", "embedding": "deepcluster"},
        ),
        Row(
            "CACTUs-MAML, BiGAN",
            ("74.98 ± 1.02",),
            {"tasks": "cactus", "embedding": "bigan", "n_partitions": 50},
        ),
        Row(
            "CACTUs-MAML, DeepCluster",
            ("73.79 ± 1.01",),
            {"tasks": "cactus", "embedding": "deepcluster", "n_partitions": 50},
        ),
        Row("LASIUM-N-GAN-MAML", ("74.79 ± 1.01",), {"generator": "progan", "strategy": "n"}),
        Row(
            "CACTUs-ProtoNets, BiGAN",
            ("65.58 ± 1.04",),
            {"tasks": "cactus", "embedding": "bigan", "n_partitions": 50, "learner": "protonets"},
        ),
        Row(
            "CACTUs-ProtoNets, DeepCluster",
            ("74.15 ± 1.02",),
            {"tasks": "cactus", "embedding": "deepcluster", "n_partitions": 50, "learner": "protonets"},
        ),
        Row(
            "LASIUM-N-GAN-ProtoNets",
            ("73.41 ± 1.10",),
            {"generator": "progan", "strategy": "n", "learner": "protonets"},
        ),
        Row("Transfer Learning (VGG-19)", ("79.76 ± 1.03",), TRANSFER),
        Row("Supervised MAML", ("87.10 ± 0.85",), {"tasks": "supervised"}),
        Row("Supervised ProtoNets", ("85.13 ± 0.92",), {"tasks": "supervised", "learner": "protonets"}),
    ),
    OVER_TASKS,
)
