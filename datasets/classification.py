"""A dataset with training and test images of the same classes, and its small samples."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from .dataset import Split


@dataclass(frozen=True)
class ClassificationDataset:
    """`train` and `test` have the same `class_names`.

    files: what identifies each training image, its file or its index in the source: written down with a small sample.
    crop: pixels a side that a classifier sees of each image, a random place in training and the centre in testing;
        None where it sees the whole, moved by an eighth of its side at most.
    mirrored: may an image be flipped left to right and remain of its class?
    inverted: 1 is ink on paper of 0, where otherwise 1 is light.
    """

    name: str
    train: Split = field(repr=False)
    test: Split = field(repr=False)
    files: tuple[str, ...] = field(repr=False)
    crop: int | None = None
    mirrored: bool = True
    inverted: bool = False

    def __post_init__(self) -> None:
        """Raises ValueError where the splits' classes or image sizes differ, a class has no training image, or there is
        one class alone or no test image."""
        if self.train.class_names != self.test.class_names:
            raise ValueError(f"{self.name}: training and test images are not of the same classes")
        if self.train.images.shape[1:] != self.test.images.shape[1:]:
            raise ValueError(
                f"{self.name}: training images are {self.train.images.shape[1:]}, "
                f"test images {self.test.images.shape[1:]}"
            )
        if self.n_classes < 2:
            raise ValueError(
                f"{self.name} has one class alone, {self.train.class_names[0]!r}: there is nothing to tell"
            )
        if not len(self.test.labels):
            raise ValueError(f"{self.name}: there is no test image")
        counts = np.bincount(self.train.labels, minlength=self.n_classes)
        if not counts.all():
            raise ValueError(f"{self.name}: class {self.train.class_names[int(np.argmin(counts))]!r} has no image")

    @property
    def n_classes(self) -> int:
        return len(self.train.class_names)

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """(height, width, channels)."""
        height, width, channels = self.train.images.shape[1:]
        return height, width, channels


def small_sample(split: Split, samples_per_class: int, seed: int) -> np.ndarray:
    """Indices of samples_per_class images of each class, drawn at random, class by class.

    Samples of a seed nest: those of 10 a class are among those of 25.
    Raises ValueError where a class has fewer images, and for less than one.
    """
    if samples_per_class < 1:
        raise ValueError(f"samples_per_class is {samples_per_class}; it must be 1 or more")
    chosen = []
    for label, name in enumerate(split.class_names):
        members = np.flatnonzero(split.labels == label)
        if len(members) < samples_per_class:
            raise ValueError(
                f"samples_per_class is {samples_per_class}, and class {name} has {len(members)} images: "
                f"ask for {len(members)} at most"
            )
        # each class has its own order, whatever the others have
        chosen.append(np.random.default_rng([seed, label]).permutation(members)[:samples_per_class])
    return np.concatenate(chosen)


def subset(split: Split, indices: np.ndarray) -> Split:
    """The images of the indices, of the same classes."""
    return Split(split.images[indices], split.labels[indices], split.class_names)
