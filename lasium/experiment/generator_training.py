"""Training of a generator on unlabelled images. The cache keeps trained ones, found by their options and images."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras

from ...datasets.cache import cache_folder
from ...datasets.image_store import Images
from ...datasets.unlabelled import image_batches
from ...experiment.plots import save_curves
from ...models.generator import Generator, load_generator
from ...models.vae import VAE
from ...training.distribution import n_devices
from ...training.files import copy_whole
from ...training.fit import train
from ...training.stopwatch import Stopwatch

CACHE_VERSION = 3  # raise it when the networks or their training change: a generator of an older recipe is not reused
STATISTICS_BATCHES = 50
SECONDS_FILE = "generator-seconds.json"


@dataclass(frozen=True)
class GeneratorTraining:
    """A generator with fresh weights, and how it is to be trained.

    model: compiled, images as `models.generator.Generator` describes. name: vae or msgan.
    images: uint8, (n, height, width, channels); dataset: their name, for the file in the cache.
    options: what decides the weights beside the images.
    """

    model: keras.Model
    name: str
    images: Images
    dataset: str
    epochs: int
    batch_size: int
    seed: int
    options: dict[str, Any]

    def obtain(self, folder: Path) -> Generator:
        """The trained generator of the run in `folder`, trained there unless the run or the cache has it already.

        Afterwards `folder/generator.keras` is a copy of it, and the cache holds one. Where it was trained here,
        `folder/generator-seconds.json` has its time.
        """
        own = folder / "generator.keras"
        if not own.exists():
            cached = self._cached_file()
            found = cached.exists()
            if not found:
                self._train(folder)
                self._save(cached)
            print(f"generator: {cached}" + " (found in the cache, trained by an earlier run)" * found)
            copy_whole(cached, own)
        return load_generator(own)

    def _train(self, folder: Path) -> None:
        stopwatch = Stopwatch(folder / SECONDS_FILE)
        steps_per_epoch = len(self.images) // self.batch_size
        history = train(
            self.model,
            lambda start: image_batches(self.images, self.batch_size, self.seed, start),
            self.epochs,
            steps_per_epoch,
            folder / "generator-checkpoints",
            folder / "logs" / "generator",
            f"training the {self.name}",
            callbacks=[stopwatch],
        )
        if isinstance(self.model, VAE):
            batches = image_batches(self.images, self.batch_size, self.seed)
            self.model.recompute_statistics(batches.take(min(steps_per_epoch, STATISTICS_BATCHES)))
        stopwatch.save()
        save_curves(folder / "pictures" / "generator-curves.png", history, steps_per_epoch)

    def _save(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        part = file.with_suffix(f".{os.getpid()}.keras")
        self.model.save(part)
        os.replace(part, file)

    def _cached_file(self) -> Path:
        return cache_folder() / "generators" / f"{self.dataset}-{self.name}-{self.fingerprint}.keras"

    @property
    def fingerprint(self) -> str:
        """Sixteen digits of what decides the weights: the options and the images."""
        chosen = {"recipe": CACHE_VERSION, **self.options} | ({"devices": n_devices()} if n_devices() > 1 else {})
        digest = hashlib.sha256(json.dumps(chosen, sort_keys=True).encode())
        for first in range(0, len(self.images), 1000):
            digest.update(self.images[first : first + 1000].tobytes())
        return digest.hexdigest()[:16]
