"""The generator that a configuration names: one to be trained, one of TF-Hub, or a saved Keras model."""

from __future__ import annotations

import math
import sys
from pathlib import Path
from typing import Any

import keras

from ...datasets import Dataset
from ...datasets.image_store import check_distinct
from ...models.acai import acai
from ...models.bigan import bigan
from ...models.generator import EncodingGenerator, Generator, has_prior, load_generator
from ...models.hub import HubGenerator, hub_generator
from ...models.hub_handles import HANDLES
from ...models.msgan import omniglot_msgan
from ...models.vae import celeba_vae, omniglot_vae
from ...training.determinism import seed_everything
from ...training.devices import check_sharing
from ...training.distribution import n_devices
from .config import MetaConfig
from .generator_config import GeneratorConfig, generator_name, is_module
from .generator_gate import GeneratorGate
from .generator_training import GeneratorTraining

TRAINABLE = ("vae", "msgan", "acai", "bigan")
DISCRIMINATOR_SHARE = 0.2  # of the learning rate is bigan's discriminator's, which otherwise wins


def build_generator_training(config: GeneratorConfig, dataset: Dataset) -> GeneratorTraining:
    """The generator with fresh weights, a function of the seed, and how it is trained on the unlabelled images.

    Raises ValueError for a generator that is not trained, and where it cannot be trained on the dataset.
    """
    if config.generator not in TRAINABLE:
        raise ValueError(f"{config.generator!r} is no generator to train: choose one of {', '.join(TRAINABLE)}")
    assert config.generator_batch_size is not None, "resolve the config first"
    check_batch_size(config, config.generator_batch_size, dataset)
    check_distinct(dataset.unlabelled, 2, f"a generator learns from different images of {dataset.name}")
    seed_everything(config.seed)
    epochs = epochs_of(config, len(dataset.unlabelled))
    return GeneratorTraining(
        _untrained_generator(config, dataset.image_shape),
        config.generator,
        dataset.unlabelled,
        dataset.name,
        epochs,
        config.generator_batch_size,
        config.seed,
        options_of_the_weights(config) | {"generator_epochs": epochs},
    )


def epochs_of(config: GeneratorConfig, n_images: int) -> int:
    """Of the training on as many images, for the least number of steps; more than asked for are announced."""
    assert config.generator_epochs is not None, "resolve the config first"
    assert config.generator_batch_size is not None, "resolve the config first"
    steps_per_epoch = n_images // config.generator_batch_size
    epochs = max(config.generator_epochs, math.ceil((config.generator_min_steps or 0) / steps_per_epoch))
    if epochs > config.generator_epochs:
        print(
            f"{n_images} images are {steps_per_epoch} steps an epoch: {epochs} epochs in place of "
            f"{config.generator_epochs}, for {config.generator_min_steps} steps at least (--generator-min-steps)",
            file=sys.stderr,
        )
    return epochs


def pretrained_generator(config: MetaConfig, kept: Path | None = None) -> Generator:
    """The generator that the config names, or the copy `kept` of its file where a run has one.

    Raises ValueError where there is none, or it cannot be used; RuntimeError where a download fails.
    """
    return _kept(kept, config.generator) if kept and kept.exists() else _load(config)


def fitting_generator(generator: Generator, config: MetaConfig, image_shape: tuple[int, int, int]) -> Generator:
    """The generator, a module's images scaled to the shape. Raises ValueError where its images are others."""
    if isinstance(generator, HubGenerator):
        generator = generator.scaled_to(image_shape)
    if tuple(generator.image_shape) != image_shape:
        raise ValueError(
            f"the generator {config.generator} makes images of {tuple(generator.image_shape)}, and {config.dataset} "
            f"has {image_shape}: train one on it with bin/train_generator.py --dataset {config.dataset}"
        )
    return generator


def anchors_come_from_images(config: MetaConfig, generator: Generator) -> bool:
    """Raises ValueError where they are to, and the generator does not encode, or must not, and it has no prior."""
    can = isinstance(generator, EncodingGenerator)
    if config.anchors == "images" and not can:
        raise ValueError(f"anchors are to come from images, and the generator {config.generator} does not encode them")
    if config.anchors == "prior" and not has_prior(generator):
        raise ValueError(
            f"anchors are to come from a prior, and the generator {config.generator} has none: give --anchors images"
        )
    return config.anchors == "images" or (config.anchors is None and can and not is_module(config.generator))


def build_gate(config: GeneratorConfig, dataset: Dataset) -> GeneratorGate:
    longer = "Train it longer (--generator-epochs, --generator-min-steps)" if config.generator in TRAINABLE else ""
    way_out = (
        f"{longer or 'Take another one'}, do without one (--tasks augmented), or go on all the same (--any-generator)"
    )
    name = generator_name(config.generator)
    return GeneratorGate(dataset.unlabelled, name, way_out, config.any_generator, dataset.inverted)


def _untrained_generator(config: GeneratorConfig, image_shape: tuple[int, int, int]) -> keras.Model:
    """The compiled network of that name. Raises ValueError for images that it cannot make."""
    assert config.generator_lr is not None, "resolve the config first"
    if config.generator == "vae":
        assert config.latent_dim is not None, "resolve the config first"
        vae = (omniglot_vae if max(image_shape[:2]) <= 32 else celeba_vae)(image_shape, config.latent_dim, config.seed)
        vae.compile(keras.optimizers.Adam(config.generator_lr))
        return vae
    if config.generator == "acai":
        autoencoder = acai(image_shape, config.seed)
        autoencoder.compile(*(keras.optimizers.Adam(config.generator_lr) for _ in range(2)))
        return autoencoder
    if config.generator == "bigan":
        assert config.latent_dim is not None, "resolve the config first"
        both_ways = bigan(image_shape, config.latent_dim, config.seed)
        rates = (config.generator_lr, DISCRIMINATOR_SHARE * config.generator_lr)
        both_ways.compile(*(keras.optimizers.Adam(rate, beta_1=0.5) for rate in rates))
        return both_ways
    assert config.mode_seeking is not None, "resolve the config first"
    msgan = omniglot_msgan(image_shape, mode_seeking=config.mode_seeking, seed=config.seed)
    msgan.compile(*(keras.optimizers.Adam(config.generator_lr, beta_1=0.5) for _ in range(2)))
    return msgan


def check_batch_size(config: GeneratorConfig, batch_size: int, dataset: Dataset) -> None:
    if len(dataset.unlabelled) < batch_size:
        raise ValueError(
            f"generator_batch_size is {batch_size}, and {dataset.name} has {len(dataset.unlabelled)} images"
        )
    check_sharing(generator_batch_size=batch_size)
    pairs = {"msgan": "the mode-seeking loss compares pairs", "acai": "images are mixed in pairs"}
    if config.generator in pairs and batch_size < 2 * n_devices():
        raise ValueError(
            f"generator_batch_size is {batch_size}; {pairs[config.generator]} on each device: "
            f"give {2 * n_devices()} or more"
        )


def options_of_the_weights(config: GeneratorConfig) -> dict[str, Any]:
    """Those that decide what is trained. Defaults that came later are left out, so that older files are found."""
    names = ["generator", "generator_epochs", "generator_batch_size", "generator_lr", "mode_seeking", "seed"]
    names += ["latent_dim"] * (config.latent_dim != {"vae": 20}.get(config.generator))
    names += ["precision"] * (config.precision != "float32")
    return {name: getattr(config, name) for name in names}


def _kept(file: Path, original: str) -> Generator:
    try:
        return load_generator(file)
    except ValueError as error:
        raise ValueError(f"{error}: remove it, and {original} is taken again") from error


def _load(config: MetaConfig) -> Generator:
    if not is_module(config.generator):
        return load_generator(config.generator)
    kind, _, place = config.generator.partition(":")
    handle = place or HANDLES[kind]
    low, high = config.output_range or ((-1.0, 1.0) if kind == "bigbigan" else (0.0, 1.0))
    return hub_generator(handle, None, config.signature, config.latent_dim, (low, high))
