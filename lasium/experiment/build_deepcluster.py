"""The DeepCluster that a configuration names, and how it is trained."""

from __future__ import annotations

import keras

from ...datasets import Dataset
from ...datasets.gathering import image_reader
from ...datasets.image_store import check_distinct
from ...datasets.registry import is_photographs
from ...models.deepcluster import DeepCluster, deepcluster_encoder
from ...training.determinism import seed_everything
from ...training.distribution import n_devices
from ..augmentation.affine import RandomAffine
from ..augmentation.crop import CropAndFlip
from ..tasks.clusters import check_n_clusters
from .build_generator import check_batch_size, epochs_of, options_of_the_weights
from .config import MetaConfig
from .deepcluster_training import DeepClusterTraining

MOMENTUM = 0.9  # as the authors' code, which has none for the head


def build_deepcluster(config: MetaConfig, dataset: Dataset) -> DeepClusterTraining:
    """With fresh weights, a function of the seed. Raises ValueError for what it cannot be trained on."""
    assert config.generator_batch_size is not None, "resolve the config first"
    assert config.generator_lr is not None, "resolve the config first"
    images = dataset.unlabelled
    check_n_clusters(config.n_clusters, len(images))
    check_batch_size(config, config.generator_batch_size, dataset)
    check_distinct(images, 2, f"deepcluster learns from different images of {dataset.name}")
    if n_devices() > 1:
        raise ValueError("deepcluster is trained on one device: leave --distribute out")
    seed_everything(config.seed)
    # the paper crops and flips photographs; a character's mirror image is another one
    augment = (
        CropAndFlip()
        if is_photographs(config.dataset)
        else RandomAffine(shift=3, rotation=0.18, scale=1.16, shear=0.15)
    )
    encoder = deepcluster_encoder(dataset.image_shape)
    model = DeepCluster(encoder, image_reader(images), len(images), config.n_clusters, augment, seed=config.seed)
    model.compile(keras.optimizers.SGD(config.generator_lr, MOMENTUM), jit_compile=False)
    epochs = epochs_of(config, len(images))
    return DeepClusterTraining(
        model,
        config.generator,
        images,
        dataset.name,
        epochs,
        config.generator_batch_size,
        config.seed,
        options_of_the_weights(config) | {"generator_epochs": epochs, "n_clusters": config.n_clusters},
        dataset.inverted,
    )
