"""Training of a sample's generative model, GLICO or DCGAN. The cache keeps them, for runs that go on otherwise."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from ...datasets.cache import cache_folder, copy_to_cache
from ...training.checksums import sha256
from ...training.distribution import n_devices
from ...training.files import copy_whole, read_json, whole_file, write_json
from ...training.fit import train
from ...training.stopwatch import Stopwatch
from ..latent.model import GLICO
from .sample import Sample
from .schedule import Schedule

CACHE_VERSION = 3  # raise it with every change of glico/, models/ or datasets/ that changes what is trained
BATCH = 100  # images that are reconstructed at a time


@dataclass(frozen=True)
class TrainedModel:
    """A trained generative model, its metrics after every epoch, and how many seconds it took.

    psnr: of the reconstructed labelled images, in decibels; None where nothing is reconstructed.
    """

    model: keras.Model
    history: list[dict[str, float]]
    seconds: float
    psnr: float | None = None


@dataclass(frozen=True)
class GenerativeTraining:
    """A sample's generative model with fresh weights, and how it is to be trained.

    name: of its files, among METHODS. stream_from(step): the batches from that step on.
    options: what decides the weights beside the images and the content of `files`.
    description: of the training, for people.
    """

    name: str
    model: keras.Model
    sample: Sample
    schedule: Schedule
    stream_from: Callable[[int], tf.data.Dataset]
    options: dict[str, Any]
    files: tuple[Path, ...] = ()
    description: str = ""

    @property
    def stage(self) -> str:
        """The name of its checkpoints and curves beside those of the classifiers."""
        return "generator" if self.name == "glico" else f"{self.name}-generator"

    def obtain(self, folder: Path) -> TrainedModel:
        """The trained model: the folder's, that of the cache, or one trained now.

        Afterwards `folder/NAME.weights.h5` and `NAME.json` beside it are a copy of it.
        """
        own = folder / f"{self.name}.weights.h5"
        cached = cache_folder() / self.name / f"{self.fingerprint}.weights.h5"
        if not (record := _read_record(own)):
            # the record last: it says that both are there
            if record := _read_record(cached):
                print(f"generative model: {cached}")
                copy_whole(cached, own)
                copy_whole(_record(cached), _record(own))
            else:
                self._train(folder, own)
                record = _read_record(own)
                copy_to_cache(own, cached)
                copy_to_cache(_record(own), _record(cached))
        assert record is not None, "it was written just now"
        self.model.load_weights(own)
        return TrainedModel(self.model, record["history"], record["seconds"])

    def _train(self, folder: Path, file: Path) -> None:
        """Trains from the folder's last checkpoint on, and writes the weights to the file and its record beside it."""
        history = train(
            self.model,
            self.stream_from,
            self.schedule.epochs,
            self.schedule.steps_per_epoch,
            checkpoints=folder / "checkpoints" / self.stage,
            logs=folder / "logs" / self.stage,
            description=self.description,
            callbacks=[Stopwatch(folder / f"{self.stage}-seconds.json")],
        )
        if isinstance(self.model, GLICO):
            self.model.forget_targets()
        with whole_file(file) as part:
            self.model.save_weights(part)
        seconds = Stopwatch(folder / f"{self.stage}-seconds.json").before
        write_json(_record(file), {"history": history, "seconds": seconds, "sha256": sha256(file)})

    @property
    def fingerprint(self) -> str:
        """Sixteen digits of what decides the weights: options, schedule, libraries and images."""
        options = {**self.options, "recipe": CACHE_VERSION, "seed": self.sample.seed, "schedule": asdict(self.schedule)}
        options |= {"devices": n_devices()} if n_devices() > 1 else {}
        options |= {"shape": self.sample.images.shape, "tensorflow": tf.__version__, "keras": keras.__version__}
        digest = hashlib.sha256(json.dumps(options, sort_keys=True).encode())
        for array in (self.sample.images, self.sample.labels):
            digest.update(array.tobytes())
        for file in self.files:
            digest.update(file.read_bytes())
        return digest.hexdigest()[:16]


def reconstructions(model: GLICO, n: int, seed: int) -> np.ndarray:
    """The first n images as the model makes them from their codes: float32 in [0, 1], (n, height, width, channels)."""
    parts = []
    for first in range(0, n, BATCH):
        codes = model.codes(tf.range(first, min(first + BATCH, n)))
        parts.append(model.generate(codes, tf.constant([seed, first])).numpy())
    return np.concatenate(parts)


def psnr(images: np.ndarray, reconstructed: np.ndarray) -> float:
    """Peak signal-to-noise ratio in decibels, mean over the images, uint8 against float32 in [0, 1]."""
    return float(tf.reduce_mean(tf.image.psnr(images.astype(np.float32) / 255.0, reconstructed, max_val=1.0)))


def _record(weights: Path) -> Path:
    """The file beside the weights that has the history and the seconds."""
    return weights.with_name(weights.name.removesuffix(".weights.h5") + ".json")


def _read_record(weights: Path) -> dict[str, Any] | None:
    """What lies beside the weights; None where there is none, or, which is told, it or the weights are damaged."""
    file = _record(weights)
    if not file.exists():
        return None
    try:
        record = read_json(file, _is_record, "making it again")
        if weights.is_file() and sha256(weights) == record["sha256"]:
            return record
        print(f"{weights} is damaged, for it is not as {file} says: making it again", file=sys.stderr)
    except ValueError as error:
        print(error, file=sys.stderr)
    return None


def _is_record(value: Any) -> bool:
    return isinstance(value, dict) and value.keys() == {"history", "seconds", "sha256"}
