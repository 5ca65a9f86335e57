"""Fills in the defaults of a configuration that depend on its other options. Imports no TensorFlow."""

from __future__ import annotations

import sys
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from ...datasets import short_name
from ...datasets.folder import default_side, n_readable
from .config import MetaConfig
from .embedding_config import embedding_name
from .generator_config import generator_name
from .presets import EMBEDDINGS, brought, generator_defaults


def resolved(config: Any) -> Any:
    """The config with every default filled in that depends on another option, or on the folder of images.

    Raises ValueError for a folder without images.
    """
    defaults = {
        "train_n_way": getattr(config, "n_way", None),
        **generator_defaults(config.dataset, config.generator),
    }
    if config.generator_epochs is not None:
        defaults["generator_min_steps"] = None  # who says how many passes gets no more
    missing = {
        f.name: defaults[f.name] for f in fields(config) if f.name in defaults and getattr(config, f.name) is None
    }
    config = replace(config, **missing)
    kind, _, path = config.dataset.partition(":")
    if kind == "folder" and config.image_size is None:
        config = replace(config, image_size=default_side(path))
    if kind == "folder" and isinstance(config, MetaConfig):
        config = _as_wide_as_there_are_images(config, path)
    return config if config.run_dir else replace(config, run_dir=Path("runs", _run_name(config)))


def _as_wide_as_there_are_images(config: MetaConfig, folder: str) -> MetaConfig:
    """With fewer classes in a training task where a small folder has not as many images as the recipe wants."""
    wanted = brought(config).get("train_n_way")
    of_images = config.tasks in ("augmented", "umtra") or (
        config.tasks == "synthetic" and config.generator in EMBEDDINGS and config.anchors != "prior"
    )
    if not of_images or wanted is None or config.train_n_way != wanted:
        return config
    n_images = max(n_readable(folder, wanted), 2)
    if n_images == wanted:
        return config
    said = f"training tasks have {n_images} classes in place of {wanted} (--train-n-way)"
    print(f"{said}, for {folder} has no more images", file=sys.stderr)
    return replace(config, train_n_way=n_images)


def _run_name(config: Any) -> str:
    generator = generator_name(config.generator)
    if not isinstance(config, MetaConfig):
        return f"{short_name(config.dataset)}-generator-{generator}-seed{config.seed}"
    source = {"synthetic": f"{generator}-{config.strategy}"}.get(config.tasks, config.tasks)
    if config.needs_embedding and config.embedding:
        name = embedding_name(config.embedding)
        source = name if config.is_classifier else f"cactus-{name}"
    parts = [short_name(config.dataset), config.learner] + ([source] if config.learner != "scratch" else [])
    return "-".join([*parts, f"seed{config.seed}"])
