"""The figure of Khodadadeh et al. 2020 beside a result: that of the recipe whose row the run's options equal."""

from __future__ import annotations

from typing import Any

from ...experiment.recipe import Options
from ..recipes.registry import RECIPES
from .config import MetaConfig
from .presets import preset


def paper_figure(config: MetaConfig, k_shot: int) -> str:
    """Accuracy and 95 % interval in percent, with the table; empty where the paper has no such row."""
    for recipe in RECIPES:
        for row in recipe.rows:
            options = recipe.row_options(row)
            if _differs(config, options) or _experiment(config) != _experiment(filled(options)):
                continue
            for column, figure in zip(recipe.columns, row.figures, strict=True):
                if figure and column.where == {"k_shot": k_shot}:
                    return f"{figure} ({recipe.label})"
    return ""


def _differs(config: MetaConfig, options: Options) -> bool:
    """At first sight? Other rows' options need not make sense here, where a folder may be called vgg19."""
    given = [name for name in ("dataset", "learner", "embedding") if name in options]
    return any(getattr(config, name) != options[name] for name in given)


def filled(options: Options) -> MetaConfig:
    """The config of a recipe's options: what they leave out is the dataset's and the generator's."""
    names = ("dataset", "generator", "recipe", "learner", "network", "weights")
    given = {name: options[name] for name in names if name in options}
    return MetaConfig(**{**preset(**{"generator": "vae", **given}), **options})


def _experiment(config: MetaConfig) -> dict[str, Any]:
    """The options that make it this experiment and no other.

    Left out is what the paper leaves open or gives twice (downsampling, batch normalization, the query shift, epsilon,
    the generator's training), and what changes no figure but by chance (seed, n_tasks, validation, devices).
    """
    names = [
        "dataset",
        "learner",
        "network",
        "n_way",
        "n_query",
        "filters",
        "eval_inner_steps",
        "inner_lr",
        "precision",
        "discriminants",
        "neighbours",
    ]
    if config.is_classifier:
        of_learner = {"knn": ["knn_k"], "linear": ["linear_c"], "mlp": ["mlp_units", "mlp_dropout", "mlp_steps"]}
        names = ["dataset", "learner", "embedding", "n_way", "n_query", "precision", "n_unlabelled"]
        names += ["network_side", "pooling"] + ["n_clusters"] * (config.embedding == "deepcluster")
        names += of_learner.get(config.learner, ["n_clusters"])
    if config.is_meta_trained:
        names += ["tasks", "iterations", "train_k_shot", "train_n_query", "meta_batch_size", "meta_lr", "inner_steps"]
        names += ["first_order", "n_unlabelled", "meta_lr_schedule", "augmentation", "quarter_turns"]
        names += ["similarity", "alternate_support"] * (config.learner == "protonets")
    if config.is_meta_trained and config.tasks == "synthetic":
        names += ["strategy", "sigma2" if config.strategy == "n" else "alpha", "anchors", "query_affine"]
        names += ["distance", "generated_share", "rendering"]
    if config.has_tasks_of_clusters:
        names += ["embedding", "n_clusters", "n_partitions"]
    experiment = {name: getattr(config, name) for name in names}
    if not config.is_meta_trained:
        return experiment
    experiment["train_n_way"] = config.train_n_way or config.n_way
    if config.tasks == "synthetic":
        experiment["generator"] = config.generator.partition(":")[0]  # a copy of a module is that module
    return experiment
