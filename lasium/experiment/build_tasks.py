"""The training tasks that a configuration describes: where their images come from, and what changes them."""

from __future__ import annotations

import sys
from typing import Any

from ...datasets import Dataset, Split
from ...datasets.folder import without_strays
from ...models.generator import Generator, as_generator, has_prior
from ..augmentation.affine import RandomAffine
from ..augmentation.named import augmentation
from ..tasks.anchors import PriorAnchors
from ..tasks.augmentation import TaskAugmentation
from ..tasks.augmented import AugmentedSource
from ..tasks.checks import check_enough_images
from ..tasks.labelled import labelled_source
from ..tasks.strategies import Noise, OtherClasses, RandomOutOfClass, Strategy, Varied
from ..tasks.stream import TaskShape, TaskSource
from ..tasks.synthetic import SyntheticSource
from ..tasks.umtra import UmtraSource
from .build_generator import anchors_come_from_images, build_generator_training
from .clusters_after_embedding import ClustersAfterEmbedding
from .config import MetaConfig
from .embedding import Embedding
from .meta_training import SyntheticAfterTraining
from .presets import brought


def train_shape(config: MetaConfig) -> TaskShape:
    way = "train_n_way" if config.learner == "protonets" else "n_way"  # of the others it is the evaluation's too
    names = (way, "train_k_shot", "train_n_query")
    return TaskShape(config.train_n_way or config.n_way, config.train_k_shot, config.train_n_query, names)


def build_strategy(config: MetaConfig) -> Strategy:
    strategy: Strategy
    if config.strategy == "n":
        strategy = Noise(config.sigma2)
    else:
        strategy = {"ro": RandomOutOfClass, "oc": OtherClasses}[config.strategy](config.alpha)
    return Varied(strategy) if config.distance == "uniform" else strategy


def build_augmentation(config: MetaConfig, image_shape: tuple[int, int, int]) -> TaskAugmentation:
    """Raises ValueError for images that it cannot be applied to."""
    if config.augmentation == "paper":
        shifted = config.tasks == "synthetic" and (config.query_shift or config.query_affine)
        if shifted and config.query_shift >= (side := min(image_shape[:2])):
            raise ValueError(f"query_shift is {config.query_shift}, and images have {side} pixels a side: choose less")
        query = RandomAffine.of_strength(config.query_shift, config.query_affine) if shifted else None
        change = TaskAugmentation(None, query, config.quarter_turns)
    else:
        image_map = augmentation(config.augmentation, image_shape[-1])
        change = TaskAugmentation(image_map, image_map, config.quarter_turns)
    change.check(image_shape)
    return change


def labelled_images(dataset: Dataset, split: str) -> Any:
    """Those of the split that have a class; of a folder some images to learn from may have none."""
    images = dataset[split]
    return without_strays(images) if isinstance(images, Split) else images


def build_task_source(
    config: MetaConfig, dataset: Dataset, generator: Generator | None, embedding: Embedding | None
) -> TaskSource | SyntheticAfterTraining | ClustersAfterEmbedding:
    shape = train_shape(config)
    if config.tasks == "cactus":
        assert embedding is not None, "tasks of clusters need one"
        return ClustersAfterEmbedding(embedding, config.n_clusters, config.n_partitions, config.seed)
    if config.tasks == "supervised":
        return labelled_source(labelled_images(dataset, "train"), shape, "train split")
    if config.tasks == "umtra":
        return UmtraSource(dataset.unlabelled, shape.n_way)
    if config.tasks == "augmented":
        return AugmentedSource(dataset.unlabelled, shape.n_way)
    if generator is None:
        return _synthetic_source_after_training(config, dataset)
    return synthetic_source(config, dataset, generator)


def build_rendering(config: MetaConfig, from_images: bool) -> str:
    """What synthetic classes show. from_images: do they start with images? Where they do not, the recipe's is left out.

    Raises ValueError for one that was asked for, and takes images.
    """
    if from_images or config.rendering == "paper":
        return config.rendering
    why = f"classes start at draws of the prior of {config.generator}, not with images"
    if config.rendering != brought(config).get("rendering"):
        raise ValueError(f"rendering is {config.rendering}, and {why}: leave it out, or have images (--anchors images)")
    print(f"note: {why}: they show decoded ones, where the recipe has --rendering {config.rendering}", file=sys.stderr)
    return "paper"


def synthetic_source(config: MetaConfig, dataset: Dataset, generator: Generator) -> SyntheticSource:
    """The tasks of a trained generator. Where anchors start at images, all are encoded now."""
    images = dataset.unlabelled if anchors_come_from_images(config, generator) else None
    rendering = build_rendering(config, from_images=images is not None)
    source = SyntheticSource(
        generator, build_strategy(config), config.epsilon, images, config.generated_share, rendering
    )
    source.check(train_shape(config))
    return source


def _synthetic_source_after_training(config: MetaConfig, dataset: Dataset) -> SyntheticAfterTraining:
    training = build_generator_training(config, dataset)
    generator = as_generator(training.model)
    images = dataset.unlabelled if anchors_come_from_images(config, generator) else None
    if images is not None:
        check_enough_images(len(images), train_shape(config).n_way)
    if config.epsilon is not None and has_prior(generator):
        # A first check: the encoded images of a trained VAE spread about as its prior does.
        PriorAnchors(generator.latent_dim, config.epsilon).check(train_shape(config).n_way)
    rendering = build_rendering(config, from_images=images is not None)
    return SyntheticAfterTraining(
        training, build_strategy(config), config.epsilon, images, config.generated_share, rendering
    )
