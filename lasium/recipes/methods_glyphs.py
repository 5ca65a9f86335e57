"""Every method on letters drawn from matplotlib's fonts, each by a command of minutes. Not run here as a whole.

Nothing is downloaded, and trainings are short: a row says what its method does here in so long, not what it can do.
"""

from __future__ import annotations

from ...experiment.recipe import OVER_TASKS, Options, Recipe, Row, shots

_NONE = ("", "")  # the paper has no such row
_BRIEF: Options = {"generator_epochs": 2, "generator_batch_size": 32}
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
    {"dataset": "glyphs", "iterations": 600, "checkpoint_every": 100},
    (
        Row("Training from scratch", _NONE, {"learner": "scratch"}),
        Row("K-nearest neighbors, VAE", _NONE, {**_BRIEF, "learner": "knn", "embedding": "vae"}),
        Row("K-nearest neighbors, ACAI", _NONE, {**_BRIEF, "learner": "knn", "embedding": "acai"}),
        Row("K-nearest neighbors, BiGAN", _NONE, {**_BRIEF, "learner": "knn", "embedding": "bigan"}),
        Row("K-nearest neighbors, DeepCluster", _NONE, {**_CLUSTERS, "learner": "knn"}),
        Row("Linear Classifier, DeepCluster", _NONE, {**_CLUSTERS, "learner": "linear"}),
        Row("MLP with dropout, DeepCluster", _NONE, {**_CLUSTERS, "learner": "mlp"}),
        Row("Cluster matching, DeepCluster", _NONE, {**_CLUSTERS, "learner": "cluster-matching"}),
        Row("CACTUs-MAML, DeepCluster", _NONE, _CACTUS),
        Row("CACTUs-ProtoNets, DeepCluster", _NONE, {**_CACTUS, **_PROTONETS}),
        Row("UMTRA-MAML", _NONE, {"tasks": "umtra"}),
        Row("LASIUM-RO-VAE-MAML", _NONE, _LASIUM),
        Row("LASIUM-RO-VAE-ProtoNets", _NONE, {**_LASIUM, **_PROTONETS}),
        Row(
            "Strong", _NONE, {"recipe": "strong", "generator_epochs": 3, "generator_batch_size": 32, "iterations": 1500}
        ),
        Row("Supervised MAML", _NONE, {"tasks": "supervised"}),
        Row("Supervised ProtoNets", _NONE, {**_PROTONETS, "tasks": "supervised"}),
    ),
    OVER_TASKS,
)
