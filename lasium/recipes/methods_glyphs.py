"""Every method on letters drawn from matplotlib's fonts, each by a command of minutes: docs/results/glyphs.md.

Nothing is downloaded, and trainings are short: a row says what its method does here in so long, not what it can do.
"""

from __future__ import annotations

from ...experiment.recipe import NO_FIGURES, OVER_TASKS, Options, Recipe, Row, shots

_BRIEF: Options = {"generator_epochs": 2, "generator_batch_size": 32}
_BRIEFER: Options = {"generator_epochs": 1, "generator_batch_size": 32, "n_unlabelled": 16000}
_LASIUM: Options = {**_BRIEF, "alpha": 0.4, "query_affine": 1.0}  # chosen on the validation script
_CLUSTERS: Options = {"embedding": "deepcluster", "n_clusters": 500, "generator_epochs": 6}
_CACTUS: Options = {**_CLUSTERS, "tasks": "cactus"}
_PROTONETS: Options = {"learner": "protonets"}

RECIPE = Recipe(
    "methods/glyphs",
    "not in the paper",
    "Letters from fonts, 5-way: every method in minutes",
    "train_meta",
    shots(1, 5),
    {
        "dataset": "glyphs",
        "recipe": "paper",
        "iterations": 600,
        "checkpoint_every": 100,
        "n_tasks": 300,
        "calibration_tasks": 0,
    },
    (
        Row("Training from scratch", NO_FIGURES, {"learner": "scratch"}),
        Row("K-nearest neighbors, VAE", NO_FIGURES, {**_BRIEF, "learner": "knn", "embedding": "vae"}),
        Row("K-nearest neighbors, ACAI", NO_FIGURES, {**_BRIEFER, "learner": "knn", "embedding": "acai"}),
        Row("K-nearest neighbors, BiGAN", NO_FIGURES, {**_BRIEFER, "learner": "knn", "embedding": "bigan"}),
        Row("K-nearest neighbors, DeepCluster", NO_FIGURES, {**_CLUSTERS, "learner": "knn"}),
        Row("Linear Classifier, DeepCluster", NO_FIGURES, {**_CLUSTERS, "learner": "linear"}),
        Row("MLP with dropout, DeepCluster", NO_FIGURES, {**_CLUSTERS, "learner": "mlp"}),
        Row("Cluster matching, DeepCluster", NO_FIGURES, {**_CLUSTERS, "learner": "cluster-matching"}),
        Row("CACTUs-MAML, DeepCluster", NO_FIGURES, _CACTUS),
        Row("CACTUs-ProtoNets, DeepCluster", NO_FIGURES, {**_CACTUS, **_PROTONETS}),
        Row("UMTRA-MAML", NO_FIGURES, {"tasks": "umtra"}),
        Row("LASIUM-RO-VAE-MAML", NO_FIGURES, _LASIUM),
        Row("LASIUM-RO-VAE-ProtoNets", NO_FIGURES, {**_LASIUM, **_PROTONETS}),
        Row(
            "Strong",
            NO_FIGURES,
            {"recipe": "strong", "generator_epochs": 3, "generator_batch_size": 32, "iterations": 1500},
        ),
        Row("Supervised MAML", NO_FIGURES, {"tasks": "supervised"}),
        Row("Supervised ProtoNets", NO_FIGURES, {**_PROTONETS, "tasks": "supervised"}),
    ),
    OVER_TASKS,
)
