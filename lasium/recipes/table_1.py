"""Table 1 of Khodadadeh et al. 2020: Omniglot, 5-way.

It compares LASIUM with all other ways to learn new characters from few examples. It needs Omniglot, which TensorFlow
Datasets downloads. Its 20 rows without a download take three hours and a half of one CPU core together.
The paper does not say how long its rows were trained; ours train for 1,000 iterations, as table 7's, but for UMTRA and
the supervised ones, whose accuracy on validation classes was still rising then.
"""

from __future__ import annotations

from ...experiment.recipe import OVER_TASKS, Options, Recipe, Row, shots
from .transfer import TRANSFER

# The paper takes the supervised figures from Hsu et al., whose MAML trains for 120,000 iterations of 8 tasks of 20
# classes (their scripts/omniglot_maml.sh). Here a turned character is another one, as in Finn et al. 2017.
_SUPERVISED: Options = {"tasks": "supervised", "quarter_turns": True, "checkpoint_every": 1000, "val_tasks": 200}

RECIPE = Recipe(
    "lasium/table-1",
    "table 1",
    "Omniglot, 5-way",
    "train_meta",
    shots(1, 5),
    {"dataset": "omniglot", "recipe": "paper"},
    (
        Row("Training from scratch", ("51.64 ± 0.65", "71.44 ± 0.53"), {"learner": "scratch"}),
        Row("K-nearest neighbors, ACAI", ("57.46 ± 1.35", "81.16 ± 0.57"), {"learner": "knn", "embedding": "acai"}),
        Row("Linear Classifier, ACAI", ("61.08 ± 1.32", "81.82 ± 0.58"), {"learner": "linear", "embedding": "acai"}),
        Row("MLP with dropout, ACAI", ("51.95 ± 0.82", "77.20 ± 0.65"), {"learner": "mlp", "embedding": "acai"}),
        Row(
            "Cluster matching, ACAI",
            ("54.94 ± 0.85", "71.09 ± 0.77"),
            {"learner": "cluster-matching", "embedding": "acai"},
        ),
        Row("K-nearest neighbors, BiGAN", ("49.55 ± 1.27", "68.06 ± 0.71"), {"learner": "knn", "embedding": "bigan"}),
        Row("Linear Classifier, BiGAN", ("48.28 ± 1.25", "68.72 ± 0.66"), {"learner": "linear", "embedding": "bigan"}),
        Row("MLP with dropout, BiGAN", ("40.54 ± 0.79", "62.56 ± 0.79"), {"learner": "mlp", "embedding": "bigan"}),
        Row(
            "Cluster matching, BiGAN",
            ("43.96 ± 0.80", "58.62 ± 0.78"),
            {"learner": "cluster-matching", "embedding": "bigan"},
        ),
        Row(
            "CACTUs-MAML, BiGAN",
            ("58.18 ± 0.81", "78.66 ± 0.65"),
            {"tasks": "cactus", "embedding": "bigan", "n_partitions": 100},
        ),
        Row(
            "CACTUs-MAML, ACAI",
            ("68.84 ± 0.80", "87.78 ± 0.50"),
            {"tasks": "cactus", "embedding": "acai", "n_partitions": 100},
        ),
        Row("UMTRA-MAML", ("81.91 ± 0.58", "94.58 ± 0.25"), {"tasks": "umtra", "iterations": 3000}),
        Row("LASIUM-RO-GAN-MAML", ("83.26 ± 0.55", "95.29 ± 0.22"), {"generator": "msgan", "strategy": "ro"}),
        Row("LASIUM-N-VAE-MAML", ("76.11 ± 0.64", "94.42 ± 0.26"), {"generator": "vae", "strategy": "n"}),
        Row(
            "CACTUs-ProtoNets, BiGAN",
            ("54.74 ± 0.82", "71.69 ± 0.73"),
            {"tasks": "cactus", "embedding": "bigan", "n_partitions": 100, "learner": "protonets"},
        ),
        Row(
            "CACTUs-ProtoNets, ACAI",
            ("68.12 ± 0.84", "83.58 ± 0.61"),
            {"tasks": "cactus", "embedding": "acai", "n_partitions": 100, "learner": "protonets"},
        ),
        Row(
            "LASIUM-RO-GAN-ProtoNets",
            ("80.15 ± 0.64", "91.10 ± 0.35"),
            {"generator": "msgan", "strategy": "ro", "learner": "protonets"},
        ),
        Row(
            "LASIUM-OC-VAE-ProtoNets",
            ("73.22 ± 0.73", "85.05 ± 0.46"),
            {"generator": "vae", "strategy": "oc", "learner": "protonets"},
        ),
        Row("Transfer Learning (VGG-19)", ("54.49 ± 0.90", "89.57 ± 0.44"), TRANSFER),
        Row("Supervised MAML", ("94.46 ± 0.35", "98.83 ± 0.12"), {**_SUPERVISED, "iterations": 12_000}),
        Row(
            "Supervised ProtoNets",
            ("98.35 ± 0.22", "99.58 ± 0.09"),
            {**_SUPERVISED, "learner": "protonets", "train_n_way": 20, "iterations": 6000},
        ),
    ),
    OVER_TASKS,
)
