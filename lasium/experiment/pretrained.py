"""Generators that a run does not train: TF-Hub's, and saved Keras models."""

from __future__ import annotations

from pathlib import Path

import tensorflow as tf

from ...models.generator import Generator, load_generator
from ...models.hub import BIGBIGAN, PROGAN, hub_generator
from ...training.files import copy_whole
from .config import MetaConfig, is_module


def pretrained_generator(config: MetaConfig, image_shape: tuple[int, int, int], kept: Path | None = None) -> Generator:
    """The generator that the config names, or where a run has kept a copy of its file, that copy.

    Raises ValueError where there is none, or its images do not fit the dataset; RuntimeError where a download fails.
    """
    generator = load_generator(kept) if kept and kept.exists() else _load(config, image_shape)
    if tuple(generator.image_shape) != image_shape:
        raise ValueError(
            f"the generator {config.generator} makes images of {tuple(generator.image_shape)}, and {config.dataset} "
            f"has {image_shape}: train one on it with bin/train_generator.py --dataset {config.dataset}"
        )
    images = generator.generate(tf.random.stateless_normal((64, generator.latent_dim), (0, 0)))
    low, high = float(tf.reduce_min(images)), float(tf.reduce_max(images))
    if not (low >= 0.0 and high <= 1.0):
        raise ValueError(
            f"the generator {config.generator} makes pixels from {low:.3g} to {high:.3g}; they must lie in [0, 1]: "
            "end it with a layer that brings them there, for a tanh keras.layers.Rescaling(0.5, 0.5)"
        )
    return generator


def keep_copy(config: MetaConfig, kept: Path) -> None:
    """Copies the generator's file into the run, which can be resumed without it then. Modules stay where they are."""
    if not is_module(config.generator) and not kept.exists():
        copy_whole(Path(config.generator), kept)


def _load(config: MetaConfig, image_shape: tuple[int, int, int]) -> Generator:
    if not is_module(config.generator):
        return load_generator(config.generator)
    kind, _, place = config.generator.partition(":")
    handle = place or {"progan": PROGAN, "bigbigan": BIGBIGAN}[kind]
    low, high = config.output_range or ((-1.0, 1.0) if kind == "bigbigan" else (0.0, 1.0))
    return hub_generator(handle, image_shape, config.signature, config.latent_dim, (low, high))
