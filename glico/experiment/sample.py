"""The small sample that everything is learned from, and what it is tested on."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np

from ...datasets import Dataset, Split
from ...datasets.small_sample import small_sample, subset
from ...training.files import write_json
from ..latent.model import UNLABELLED
from .config import GlicoConfig

VALIDATION_PER_CLASS = 200  # at most


@dataclass(frozen=True)
class Sample:
    """One repetition's images.

    labelled: the small sample. unlabelled: images (n, height, width, channels) that come without their labels.
    test: what is classified in the end. files: what identifies the labelled images and the unlabelled training images.
    seed: of the repetition: of its weights, batches and noise too.
    """

    dataset: Dataset
    seed: int
    labelled: Split = field(repr=False)
    unlabelled: np.ndarray = field(repr=False)
    test: Split = field(repr=False)
    labelled_files: tuple[str, ...] = field(repr=False)
    unlabelled_files: tuple[str, ...] = field(repr=False)

    @property
    def n_labelled(self) -> int:
        return len(self.labelled.labels)

    @cached_property
    def images(self) -> np.ndarray:
        """All that have a code, uint8, the labelled ones first."""
        return np.concatenate([self.labelled.images, self.unlabelled])

    @cached_property
    def labels(self) -> np.ndarray:
        """Of `images`, int32; -1 where there is none."""
        return np.concatenate([self.labelled.labels, np.full(len(self.unlabelled), UNLABELLED, np.int32)])

    @cached_property
    def fingerprint(self) -> str:
        """Sixteen digits of the labelled and the test images: scores compare where these are equal."""
        digest = hashlib.sha256()
        for split in (self.labelled, self.test):
            digest.update(f"{split.images.shape} {split.class_names}".encode())
            digest.update(split.images.tobytes())
            digest.update(split.labels.tobytes())
        return digest.hexdigest()[:16]

    def check_list(self, path: Path) -> None:
        """Raises ValueError where the path holds the list of another sample: the data has changed since."""
        if path.exists() and json.loads(path.read_text(encoding="utf-8"))["fingerprint"] != self.fingerprint:
            raise ValueError(f"the images are no longer those of {path}: restore them, or choose another --run-dir")

    def write_list(self, path: Path) -> None:
        """The chosen images by class, as JSON."""
        by_class: dict[str, list[str]] = {name: [] for name in self.labelled.class_names}
        for file, label in zip(self.labelled_files, self.labelled.labels, strict=True):
            by_class[self.labelled.class_names[label]].append(file)
        lists = {"labelled": by_class, "unlabelled": list(self.unlabelled_files)}
        write_json(path, {"fingerprint": self.fingerprint, **lists})


def draw_sample(config: GlicoConfig, dataset: Dataset, samples_per_class: int, seed: int) -> Sample:
    """The sample of one repetition. Those of a seed nest, and have one validation split between them.

    Raises ValueError where a class has too few images, or `unlabelled` asks for more than are left.
    """
    train = dataset["train"]
    labels = train.labels
    drawn = config.subset_seed + seed
    chosen = small_sample(train, samples_per_class, drawn)
    largest = small_sample(train, max(config.samples_per_class), drawn)
    held_back = _validation(train, largest, drawn) if config.split == "validation" else np.zeros(0, int)
    left = np.setdiff1d(np.arange(len(labels)), np.concatenate([largest, held_back]))
    if config.unlabelled > len(left):
        raise ValueError(f"unlabelled is {config.unlabelled}; {dataset.name} has {len(left)} training images left")
    unlabelled = np.random.default_rng([drawn, len(labels)]).permutation(left)[: config.unlabelled]
    test = subset(train, held_back) if config.split == "validation" else _in_memory(dataset["test"])
    without_labels = [train.images[unlabelled]] + [test.images] * config.transductive
    return Sample(
        dataset,
        seed,
        subset(train, chosen),
        np.concatenate(without_labels),
        test,
        tuple(dataset.file(index) for index in chosen),
        tuple(dataset.file(index) for index in unlabelled),
    )


def _in_memory(split: Split) -> Split:
    return Split(split.images[:], split.labels, split.class_names)


def _validation(train: Split, largest: np.ndarray, seed: int) -> np.ndarray:
    """Up to 200 of each class's images that the largest sample does not hold. ValueError where a class has none."""
    rest = np.setdiff1d(np.arange(len(train.labels)), largest)
    parts = []
    for label, name in enumerate(train.class_names):
        members = rest[train.labels[rest] == label]
        if not len(members):
            raise ValueError(f"class {name} has no training image left for validation: ask for a smaller sample")
        parts.append(np.random.default_rng([seed, label, 1]).permutation(members)[:VALIDATION_PER_CLASS])
    return np.concatenate(parts)
