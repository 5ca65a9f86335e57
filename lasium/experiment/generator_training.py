"""Training of a generator on unlabelled images. The cache keeps trained ones, found by their options and images."""

from __future__ import annotations

import hashlib
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from ...datasets.cache import cache_folder, copy_to_cache
from ...datasets.image_store import Images
from ...datasets.unlabelled import image_batches
from ...experiment.children import run_child
from ...experiment.plots import save_curves
from ...models.encoder import encoder_of
from ...models.generator import Generator, as_generator, load_generator
from ...training.cpu_kernels import environment_for_large_operations
from ...training.distribution import n_devices
from ...training.files import copy_whole, whole_file
from ...training.fit import train
from ...training.stopwatch import Stopwatch

CACHE_VERSION = 5  # raise it when the networks or their training change: a generator of an older recipe is not reused
STATISTICS_BATCHES = 50
PROCESS = "latentshot.lasium.experiment.generator_process"
STEPS_WORTH_A_PROCESS = 200  # it takes five seconds to start


@dataclass(frozen=True)
class GeneratorTraining:
    """A generator with fresh weights, and how it is to be trained.

    model: compiled, images as `models.generator.Generator` describes. name: of `presets.BY_GENERATOR`.
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
    kind = "generator"  # what it is to a run, for the names of files

    @property
    def made(self) -> keras.Model:
        """What is kept of the model."""
        return self.model

    @property
    def callbacks(self) -> list[keras.callbacks.Callback]:
        """What training takes beside the batches."""
        return []

    def load(self, file: Path) -> Any:
        """What `made` was saved as. Raises ValueError where the file holds no such thing."""
        return load_generator(file)

    def encoder_in(self, made: Any) -> keras.Model:
        """What makes features of images in what `obtain` gives. Raises ValueError where it does not encode."""
        return encoder_of(made, self.images.shape[1:], self.name)

    def is_ours(self, loaded: Any) -> bool:
        """Has it the kind and the shapes of `made`?"""
        ours = as_generator(self.model)
        return type(loaded) is type(ours) and _shapes(loaded) == _shapes(ours)

    def batches(self, start: int) -> tf.data.Dataset:
        """The endless stream of what `fit` takes, from that step on."""
        return image_batches(self.images, self.batch_size, self.seed, start)

    def seconds_file(self, folder: Path) -> Path:
        """Where a run keeps how long it trained."""
        return folder / f"{self.kind}-seconds.json"

    def seconds(self, folder: Path) -> float | None:
        """How long the run in `folder` trained, over its sessions; None where it did not, for there was one already."""
        file = self.seconds_file(folder)
        return Stopwatch(file).before if file.exists() else None

    def obtain(self, folder: Path) -> Any:
        """The trained generator of the run in `folder`, trained there unless the run or the cache has it already.

        Afterwards `folder/generator.keras` is a copy of it, and the cache holds one. Where it was trained here,
        `folder/generator-seconds.json` has its time. Of another kind the files have that name.
        """
        own, cached = folder / f"{self.kind}.keras", self._cached_file()
        if not (generator := self._read(own)):
            found = ""
            if generator := self._read(cached):
                found = " (found in the cache, trained by an earlier run)"
                copy_whole(cached, own)
            else:
                self._train(folder)
                generator = self.load(own)
                copy_to_cache(own, cached)  # also in the place of a damaged one
            print(f"{self.kind}: {cached}{found}")
        elif not cached.exists():
            copy_to_cache(own, cached)
        return generator

    def _read(self, file: Path) -> Any:
        """What is in the file; None where there is none, or, which is told, it is damaged or another one."""
        if not file.exists():
            return None
        try:
            loaded = self.load(file)
            if self.is_ours(loaded):
                return loaded
            print(f"{file} holds another {self.kind}: making it again", file=sys.stderr)
        except ValueError as error:
            print(f"{error}: making it again", file=sys.stderr)
        return None

    def _train(self, folder: Path) -> None:
        steps = self.epochs * (len(self.images) // self.batch_size)
        environment = environment_for_large_operations()
        if steps >= STEPS_WORTH_A_PROCESS and n_devices() == 1 and environment:
            self._train_in_a_process(folder, environment)
        else:
            self.train_here(folder)

    @staticmethod
    def _train_in_a_process(folder: Path, environment: dict[str, str]) -> None:
        """A step takes two thirds of the time with oneDNN's kernels on all threads (docs/results/speed.md)."""
        status = run_child([sys.executable, "-m", PROCESS, str(folder)], environment=environment)
        if status < 0:
            raise RuntimeError(
                f"the process that trains the generator was ended by signal {-status} (9: out of memory, perhaps): "
                "continue with --resume"
            )
        if status:
            sys.exit(status)  # it has said why

    def train_here(self, folder: Path) -> None:
        """Trains the model in this process, from the last checkpoint in the folder on, and saves it there."""
        stopwatch = Stopwatch(self.seconds_file(folder))
        steps_per_epoch = len(self.images) // self.batch_size
        history = train(
            self.model,
            self.batches,
            self.epochs,
            steps_per_epoch,
            folder / f"{self.kind}-checkpoints",
            folder / "logs" / self.kind,
            f"training the {self.name}",
            callbacks=[*self.callbacks, stopwatch],
        )
        if hasattr(self.model, "recompute_statistics"):
            self.model.recompute_statistics(self.batches(0).take(min(steps_per_epoch, STATISTICS_BATCHES)))
        stopwatch.save()
        save_curves(folder / "pictures" / f"{self.kind}-curves.png", history, steps_per_epoch)
        with whole_file(folder / f"{self.kind}.keras") as part:
            self.made.save(part)

    def _cached_file(self) -> Path:
        return cache_folder() / f"{self.kind}s" / f"{self.dataset}-{self.name}-{self.fingerprint}.keras"

    @property
    def fingerprint(self) -> str:
        """Sixteen digits of what decides the weights: the options and the images."""
        chosen = {"recipe": CACHE_VERSION, **self.options} | ({"devices": n_devices()} if n_devices() > 1 else {})
        digest = hashlib.sha256(json.dumps(chosen, sort_keys=True).encode())
        for first in range(0, len(self.images), 1000):
            digest.update(self.images[first : first + 1000].tobytes())
        return digest.hexdigest()[:16]


def _shapes(generator: Generator) -> tuple[int, tuple[int, ...]]:
    return generator.latent_dim, tuple(generator.image_shape)
