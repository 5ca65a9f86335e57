"""The sample that a configuration describes: which images are learned from, and which are classified in the end."""

from __future__ import annotations

import numpy as np

from ...datasets import Dataset, Split
from ...datasets.small_sample import small_sample, subset
from .config import GlicoConfig
from .sample import Sample

VALIDATION_PER_CLASS = 200  # at most


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
        np.concatenate([labels[unlabelled], *[test.labels] * config.transductive]),
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
            remedy = "give it more images" + ", or ask for a smaller sample" * (len(largest) > len(train.class_names))
            raise ValueError(f"class {name} has no training image left for validation: {remedy}")
        parts.append(np.random.default_rng([seed, label, 1]).permutation(members)[:VALIDATION_PER_CLASS])
    return np.concatenate(parts)
