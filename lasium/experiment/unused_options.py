"""Which of the given options have no effect beside the others. Imports no TensorFlow."""

from __future__ import annotations

from typing import Any

from ...experiment.unused_options import Effects, without_effect
from .config import MetaConfig
from .embedding_config import trains_or_loads
from .presets import BY_GENERATOR

_SHAPE = ("train_n_way", "train_k_shot", "train_n_query", "meta_batch_size")
_TASKS = ("tasks", "augmentation", "quarter_turns")
_GROWTH = ("strategy", "distance", "generated_share", "rendering", "epsilon", "anchors")
_GENERATOR = ("generator", "signature", "output_range", "latent_dim")
_FITTING = ("generator_epochs", "generator_min_steps", "generator_batch_size", "generator_lr", "mode_seeking")


_NETWORK = ("network", "filters", "downsampling")
_WEIGHTS = ("weights", "network_side")
_CALIBRATION = ("calibration_tasks",)


def _is_synthetic(config: MetaConfig) -> bool:
    return config.needs_tasks and config.tasks == "synthetic"


def fits_generator(config: MetaConfig) -> bool:
    """Does a run have a generator, or an embedding that is one?"""
    return _is_synthetic(config) or (config.needs_embedding and trains_or_loads(config.embedding))


def _sees_unlabelled(config: MetaConfig) -> bool:
    tasks = config.needs_tasks and config.tasks != "supervised"
    return tasks or config.needs_embedding or bool(config.discriminants or config.neighbours)


_EFFECTS: Effects = (
    (("iterations", "checkpoint_every"), lambda c: c.learner in ("maml", "protonets"), "--learner maml or protonets"),
    (("meta_lr", "meta_lr_schedule", "val_tasks"), lambda c: c.is_meta_trained, "a learner that is meta-trained"),
    ((*_SHAPE, *_TASKS), lambda c: c.needs_tasks, "a learner that is meta-trained, or --discriminants"),
    (("embedding",), lambda c: c.needs_embedding, "--learner knn, linear, mlp or cluster-matching, or --tasks cactus"),
    (_GROWTH, _is_synthetic, "--tasks synthetic"),
    (
        (*_GENERATOR, *_FITTING),
        fits_generator,
        "--tasks synthetic, or an --embedding that is one of theirs",
    ),
    (("n_unlabelled",), _sees_unlabelled, "something that learns from unlabelled images"),
    (("knn_k",), lambda c: c.learner == "knn", "--learner knn"),
    (("linear_c",), lambda c: c.learner == "linear", "--learner linear"),
    (("mlp_units", "mlp_dropout", "mlp_steps"), lambda c: c.learner == "mlp", "--learner mlp"),
    (
        ("n_clusters",),
        lambda c: c.learner == "cluster-matching" or c.has_tasks_of_clusters or c.embedding == "deepcluster",
        "--learner cluster-matching, --tasks cactus or --embedding deepcluster",
    ),
    (("n_partitions",), lambda c: c.has_tasks_of_clusters, "--tasks cactus"),
    (("pooling",), lambda c: c.embeds_by_network, "an --embedding of keras.applications, such as vgg19"),
    (_WEIGHTS, lambda c: not c.is_classifier or c.embeds_by_network, "a network of keras.applications"),
    ((*_NETWORK, *_CALIBRATION), lambda c: not c.is_classifier, "a learner that sees images, such as protonets"),
    (("alpha",), lambda c: _is_synthetic(c) and c.strategy != "n", "--tasks synthetic --strategy ro or oc"),
    (("sigma2",), lambda c: _is_synthetic(c) and c.strategy == "n", "--tasks synthetic --strategy n"),
    (
        ("query_shift", "query_affine"),
        lambda c: _is_synthetic(c) and c.augmentation == "paper",
        "--tasks synthetic --augmentation paper",
    ),
    (_FITTING, lambda c: c.generator in BY_GENERATOR, f"--generator {' or '.join(BY_GENERATOR)}"),
    (("similarity",), lambda c: c.learner == "protonets", "--learner protonets"),
    (("alternate_support",), lambda c: c.learner == "protonets" and c.is_meta_trained, "--learner protonets"),
    (
        ("temperature",),
        lambda c: c.learner == "protonets" and c.similarity == "cosine",
        "--learner protonets --similarity cosine",
    ),
    (("inner_steps", "first_order"), lambda c: c.learner == "maml" and c.is_meta_trained, "--learner maml"),
    (
        ("inner_lr", "eval_inner_steps", "batch_norm"),
        lambda c: c.learner in ("maml", "scratch"),
        "--learner maml or scratch",
    ),
    (("filters", "downsampling"), lambda c: c.network == "conv4", "--network conv4"),
)


def unused_options(config: MetaConfig, defaults: dict[str, Any]) -> list[str]:
    """One line for each option that has another value than its default, and no effect.

    defaults: of fields, in place of the dataclass's own.
    """
    return without_effect(config, config, defaults, _EFFECTS)
