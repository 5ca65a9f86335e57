"""The small sample that everything is learned from, and what it is tested on."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from ...datasets import Dataset, Split
from ...training.files import read_json, write_json
from ..latent.model import UNLABELLED


@dataclass(frozen=True)
class Sample:
    """One repetition's images.

    labelled: the small sample. unlabelled: images (n, height, width, channels) that come without their labels.
    unlabelled_labels: their true ones, for reports alone.
    test: what is classified in the end. files: what identifies the labelled images and the unlabelled training images.
    seed: of the repetition: of its weights, batches and noise too.
    """

    dataset: Dataset
    seed: int
    labelled: Split = field(repr=False)
    unlabelled: np.ndarray = field(repr=False)
    unlabelled_labels: np.ndarray = field(repr=False)
    test: Split = field(repr=False)
    labelled_files: tuple[str, ...] = field(repr=False)
    unlabelled_files: tuple[str, ...] = field(repr=False)

    @property
    def of_labels_alone(self) -> Sample:
        """Without the images that have none."""
        return replace(self, unlabelled=self.unlabelled[:0])

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
        """Sixteen digits of the labelled images, in whatever order, and of the test images: scores compare where these
        are equal."""
        digest = hashlib.sha256(f"{self.labelled.images.shape} {self.labelled.class_names}".encode())
        digest.update(
            b"".join(sorted(_of_image(*each) for each in zip(self.labelled.images, self.labelled.labels, strict=True)))
        )
        digest.update(f"{self.test.images.shape} {self.test.class_names}".encode())
        digest.update(self.test.images.tobytes())
        digest.update(self.test.labels.tobytes())
        return digest.hexdigest()[:16]

    @cached_property
    def fingerprint_of_order(self) -> str:
        """Sixteen digits of the labelled images in their order, which their codes have."""
        return hashlib.sha256(self.labelled.images.tobytes() + self.labelled.labels.tobytes()).hexdigest()[:16]

    @cached_property
    def fingerprint_of_unlabelled(self) -> str:
        """Sixteen digits of the images that come without their labels."""
        return hashlib.sha256(self.unlabelled.tobytes()).hexdigest()[:16]

    def check_list(self, path: Path) -> None:
        """Raises ValueError where the path holds the list of another sample: the data has changed since."""
        if not path.exists():
            return
        stored = read_json(path, lambda value: isinstance(value, dict), "remove it, and it is written again")
        if missing := self._fingerprints.keys() - stored.keys():
            raise ValueError(
                f"{path} was written by another version, for it lacks {min(missing)}: choose another --run-dir"
            )
        if any(stored[name] != value for name, value in self._fingerprints.items()):
            raise ValueError(f"the images are no longer those of {path}: restore them, or choose another --run-dir")

    def write_list(self, path: Path) -> None:
        """The chosen images by class, as JSON."""
        by_class: dict[str, list[str]] = {name: [] for name in self.labelled.class_names}
        for file, label in zip(self.labelled_files, self.labelled.labels, strict=True):
            by_class[self.labelled.class_names[label]].append(file)
        lists = {"labelled": by_class, "unlabelled": list(self.unlabelled_files)}
        write_json(path, {**self._fingerprints, **lists})

    @property
    def _fingerprints(self) -> dict[str, str]:
        names = ("fingerprint", "fingerprint_of_order", "fingerprint_of_unlabelled")
        return {name: getattr(self, name) for name in names}


def _of_image(image: np.ndarray, label: int) -> bytes:
    return hashlib.sha256(image.tobytes() + bytes(str(label), "ascii")).digest()
