"""Fills in the defaults of a configuration that depend on its other options. Imports no TensorFlow."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from ...datasets.registry import is_photographs, short_name
from .config import GlicoConfig

Config = TypeVar("Config", bound=GlicoConfig)

_PAPER = {
    "classifier": "wrn-28-10",
    "batch_size": 128,
    "lr": 0.1,
    "budget": 1.0,
}  # section IV-C; of the WRN-28 the width is ours
_LETTERS = {"classifier": "weak-cnn", "batch_size": 64, "lr": 0.1, "budget": 0.1}
_BY_DATASET: dict[str, dict[str, Any]] = {
    "digits": {**_LETTERS, "seeds": 5},
    "letters": _LETTERS,
    "cifar10": _PAPER,
    "cifar100": _PAPER,
    "cub200": {**_PAPER, "classifier": "resnet-50", "batch_size": 16, "lr": 0.001},
}
_ALL = {"seeds": 3, "epochs": 200, "weight_decay": 5e-4, "decay": "drops"}
_YOURS = {  # docs/results/cifar10-jpeg.md
    "classifier": "cnn-32",
    "batch_size": 10,
    "lr": 0.01,
    "weight_decay": 0.005,
    "decay": "cosine",
    "epochs": 80,
    "budget": 0.1,
    "generator_batch_size": 50,
}


def resolved(config: Config) -> Config:
    """The config with every default that depends on another option filled in."""
    if config.decay == "drops" and config.drops == GlicoConfig.drops:
        config = _filled(config, {"epochs": _ALL["epochs"]})  # which these drops are of
    config = _filled(config, {**_ALL, **_BY_DATASET.get(config.dataset, _YOURS)})
    grey = not is_photographs(config.dataset) or config.channels == "1"
    config = _filled(config, {"perceptual": "laplacian" if grey else "vgg16"})
    gamma = 0.01 if config.perceptual == "laplacian" else 0.5
    config = _filled(config, {"gamma": gamma, "generator_batch_size": config.batch_size})
    return config if config.run_dir else replace(config, run_dir=Path("runs", _run_name(config)))


def _filled(config: Config, defaults: dict[str, Any]) -> Config:
    return replace(config, **{name: value for name, value in defaults.items() if getattr(config, name) is None})


def _run_name(config: GlicoConfig) -> str:
    dataset = short_name(config.dataset)
    samples = "-".join(map(str, config.samples_per_class))
    variant = config.variant("glico").replace(", ", "-").replace(" ", "-")
    return "-".join(part for part in (dataset, "glico", config.classifier, f"{samples}-per-class", variant) if part)
