"""Fills in the defaults of a configuration that depend on its other options. Imports no TensorFlow."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from ...datasets import short_name
from ...datasets.folder import default_side
from .config import MetaConfig
from .generator_config import generator_name
from .presets import generator_defaults


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
    return config if config.run_dir else replace(config, run_dir=Path("runs", _run_name(config)))


def _run_name(config: Any) -> str:
    generator = generator_name(config.generator)
    if not isinstance(config, MetaConfig):
        return f"{short_name(config.dataset)}-generator-{generator}-seed{config.seed}"
    source = {"synthetic": f"{generator}-{config.strategy}"}.get(config.tasks, config.tasks)
    parts = [short_name(config.dataset), config.learner] + ([source] if config.learner != "scratch" else [])
    return "-".join([*parts, f"seed{config.seed}"])
