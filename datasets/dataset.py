"""What every dataset of this library is: named splits of images, each image with a class."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from .fingerprint import fingerprint
from .image_store import Images, chosen


@dataclass(frozen=True)
class Split:
    """The images of one split.

    images: uint8 of shape (n, height, width, channels), an array, or `StoredImages` where there are very many; 255 is
        1.0 in the float images between modules.
    labels: int32 array of shape (n,), an index into `class_names` for each image.
    class_names: the split's own classes.
    """

    images: Images
    labels: np.ndarray
    class_names: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.images)

    @cached_property
    def fingerprint(self) -> str:
        """Of the images and the labels (`datasets.fingerprint`)."""
        return fingerprint(self.images, self.labels)


@dataclass(frozen=True)
class Dataset:
    """Named splits: `train`, and mostly `validation` and `test`.

    Split by class, as few-shot benchmarks are, the splits have no class in common; split by image, they have the same
    `class_names`. `validation` chooses options, `test` is for the figures reported. The images of `train` are the
    unlabelled set of the unsupervised methods, which never read its labels.
    inverted: 1 is ink on paper of 0, where otherwise 1 is light.
    tests_on_training_images: the test images are among the unlabelled ones.
    files: what identifies each training image, its file or its index in the source; empty for its place in `train`.
    crop: pixels a side that a classifier sees of each image, a random place in training and the centre in testing;
        None where it sees the whole, moved by an eighth of its side at most.
    mirrored: may an image be flipped left to right and remain of its class?
    """

    name: str
    splits: dict[str, Any] = field(repr=False)  # Split, or AttributeSplit
    n_unlabelled: int | None = None
    inverted: bool = False
    tests_on_training_images: bool = False
    files: tuple[str, ...] = field(default=(), repr=False)
    crop: int | None = None
    mirrored: bool = True

    def __getitem__(self, split: str) -> Any:
        if split not in self.splits:
            raise ValueError(f"{self.name} has no split {split!r}: choose one of {', '.join(self.splits)}")
        return self.splits[split]

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """(height, width, channels)."""
        height, width, channels = self["train"].images.shape[1:]
        return height, width, channels

    @property
    def shape_in_words(self) -> str:
        """28x28x1: the images' shape as runs keep it."""
        return "x".join(map(str, self.image_shape))

    @property
    def n_classes(self) -> int:
        """Of the training images."""
        return len(self["train"].class_names)

    def file(self, index: int) -> str:
        """What identifies the training image of that index."""
        return self.files[index] if self.files else str(index)

    @cached_property
    def unlabelled(self) -> Images:
        """The training images without their labels, or n_unlabelled of them: uint8, (n, height, width, channels)."""
        images = self["train"].images
        if self.n_unlabelled is None:
            return images
        return chosen(images, np.sort(np.random.default_rng(0).permutation(len(images))[: self.n_unlabelled]))

    @property
    def fingerprints(self) -> dict[str, str]:
        """Of the unlabelled images and of every split, with its labels; and the images' shape."""
        of_splits = {name: split.fingerprint for name, split in self.splits.items()}
        return {"unlabelled": fingerprint(self.unlabelled), **of_splits, "image_shape": self.shape_in_words}


def split_by_class(
    name: str, images: np.ndarray, labels: np.ndarray, class_names: list[str], classes_of: dict[str, list[int]]
) -> Dataset:
    """Cuts one labelled array into splits: `classes_of[split]` lists the indices into `class_names` that it gets."""
    splits = {}
    for split, classes in classes_of.items():
        new_label = np.full(len(class_names), -1, np.int32)
        new_label[classes] = np.arange(len(classes))
        chosen = new_label[labels] >= 0
        splits[split] = Split(images[chosen], new_label[labels[chosen]], tuple(class_names[c] for c in classes))
    return Dataset(name, splits)
