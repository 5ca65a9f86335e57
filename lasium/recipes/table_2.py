"""Table 2 of Khodadadeh et al. 2020: CelebA, 5-way, classes are people.

It needs the official archive of CelebA (--data-dir), and for the rows with a GAN TF-Hub's ProGAN. Not run here.
UMTRA's copies are Omniglot's, where its authors have AutoAugment for photographs.
The paper does not say by which embedding and learner its CACTUs are: ours are by DeepCluster and MAML.
"""

from __future__ import annotations

from ...experiment.recipe import OVER_TASKS, Recipe, Row, shots
from .transfer import TRANSFER

RECIPE = Recipe(
    "lasium/table-2",
    "table 2",
    "CelebA, 5-way by person",
    "train_meta",
    shots(1, 5, 15),
    {"dataset": "celeba", "recipe": "paper", "iterations": 15_000},
    (
        Row("Training from scratch", ("34.69 ± 0.50", "66.50 ± 0.55", "70.56 ± 0.49"), {"learner": "scratch"}),
        Row(
            "CACTUs",
            ("41.42 ± 0.64", "62.71 ± 0.57", "74.18 ± 0.68"),
            {"tasks": "cactus", "embedding": "deepcluster", "n_partitions": 50},
        ),
        Row("UMTRA-MAML", ("39.30 ± 0.59", "60.44 ± 0.56", "72.41 ± 0.48"), {"tasks": "umtra"}),
        Row(
            "LASIUM-RO-GAN-MAML",
            ("43.88 ± 0.57", "66.98 ± 0.53", "78.13 ± 0.44"),
            {"generator": "progan", "strategy": "ro"},
        ),
        Row(
            "LASIUM-RO-VAE-MAML",
            ("41.25 ± 0.57", "58.22 ± 0.54", "71.05 ± 0.49"),
            {"generator": "vae", "strategy": "ro"},
        ),
        Row(
            "LASIUM-RO-GAN-ProtoNets",
            ("44.39 ± 0.61", "60.83 ± 0.58", "66.66 ± 0.53"),
            {"generator": "progan", "strategy": "ro", "learner": "protonets"},
        ),
        Row(
            "LASIUM-RO-VAE-ProtoNets",
            ("43.22 ± 0.58", "61.12 ± 0.54", "68.51 ± 0.51"),
            {"generator": "vae", "strategy": "ro", "learner": "protonets"},
        ),
        Row("Transfer Learning (VGG-19)", ("33.28 ± 0.57", "58.74 ± 0.62", "74.04 ± 0.49"), TRANSFER),
        Row("Supervised MAML", ("85.46 ± 0.55", "94.98 ± 0.25", "96.18 ± 0.19"), {"tasks": "supervised"}),
        Row(
            "Supervised ProtoNets",
            ("84.17 ± 0.61", "90.84 ± 0.38", "90.85 ± 0.36"),
            {"tasks": "supervised", "learner": "protonets"},
        ),
    ),
    OVER_TASKS,
)
