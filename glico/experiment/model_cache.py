"""Trained generative models are kept: runs that differ only in sampling or in classifiers share them."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from ...datasets.cache import cache_folder
from ...training.distribution import n_devices
from ...training.files import copy_whole, write_json
from ...training.stopwatch import Stopwatch
from ..latent.model import GLICO
from .config import GlicoConfig
from .latent_optimization import build, generator_schedule, labelled_per_batch, optimize, psnr, reconstructions
from .sample import Sample

RECIPE = 1  # rises with every change of glico/, models/ or datasets/batches.py that changes what is trained


@dataclass(frozen=True)
class Optimized:
    """A trained generative model, its metrics after every epoch, how many seconds it took, and how well it does.

    reconstructions: of the labelled images, float32 in [0, 1]. psnr: of these, in decibels.
    """

    model: GLICO
    history: list[dict[str, float]]
    seconds: float
    reconstructions: np.ndarray
    psnr: float


def obtain_model(config: GlicoConfig, sample: Sample, folder: Path) -> Optimized:
    """The model of that configuration and sample: the folder's, that of the cache, or one trained now.

    Afterwards `folder/glico.weights.h5` and `glico.json` beside it are a copy of it.
    """
    model = build(config, sample)
    own = folder / "glico.weights.h5"
    if not _record(own).exists():
        kept = cache_folder() / "glico" / f"{_fingerprint(config, sample, model)}.weights.h5"
        if _record(kept).exists():
            print(f"generative model: {kept}")
        else:
            history = optimize(model, config, sample, folder)
            _keep(model, history, Stopwatch(folder / "generator-seconds.json").before, kept)
        for file, copy in ((kept, own), (_record(kept), _record(own))):  # the record last: it says that both are there
            copy_whole(file, copy)
    model.load_weights(own)
    reconstructed = reconstructions(model, sample.n_labelled, sample.seed)
    quality = psnr(sample.labelled.images, reconstructed)
    return Optimized(
        model, **json.loads(_record(own).read_text(encoding="utf-8")), reconstructions=reconstructed, psnr=quality
    )


def _record(weights: Path) -> Path:
    """The file beside the weights that has the history and the seconds."""
    return weights.with_name(weights.name.removesuffix(".weights.h5") + ".json")


def _keep(model: GLICO, history: list[dict[str, float]], seconds: float, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{os.getpid()}.part.weights.h5")
    model.save_weights(part)
    os.replace(part, path)
    write_json(_record(path), {"history": history, "seconds": seconds})


def _fingerprint(config: GlicoConfig, sample: Sample, model: GLICO) -> str:
    """Sixteen digits of what decides the model's weights: the images, the schedule, the libraries, these options."""
    names = ["generator_lr", "code_lr", "latent_dim", "noise_dim", "sigma", "noise", "no_noise", "gamma", "init"]
    names += ["no_classifier", "weak_classifier", "classifier_space", "perceptual", "taps", "tap_weights"]
    names += ["pixel_weight", "generator_batch_size", "precision"]
    options: dict[str, Any] = {name: getattr(config, name) for name in names}
    options |= {"recipe": RECIPE, "seed": sample.seed, "schedule": asdict(generator_schedule(config, sample))}
    options |= {
        "labelled_per_batch": labelled_per_batch(config, sample),
        "targets": str(getattr(model.targets, "dtype", None)),
    }
    options |= {"devices": n_devices()} if n_devices() > 1 else {}
    options |= {"shape": sample.images.shape, "tensorflow": tf.__version__, "keras": keras.__version__}
    digest = hashlib.sha256(json.dumps(options, sort_keys=True).encode())
    for array in (sample.images, sample.labels):
        digest.update(array.tobytes())
    if config.vgg_weights:
        digest.update(config.vgg_weights.read_bytes())
    return digest.hexdigest()[:16]
