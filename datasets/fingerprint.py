"""What tells two versions of a dataset apart: how many images there are, and a digest of what is in them."""

from __future__ import annotations

import hashlib

import numpy as np

from .attributes import AttributeSplit
from .dataset import Dataset, Split
from .image_store import Images

AT_ONCE = 1000  # images that are read


def fingerprints(dataset: Dataset) -> dict[str, str]:
    """Of the unlabelled images and of every split, with its labels: as in `600 images, 0f3c...`, 16 digits."""
    found = {"unlabelled": _fingerprint(dataset.unlabelled, None)}
    for name, split in dataset.splits.items():
        found[name] = split_fingerprint(split)
    return found


def split_fingerprint(split: Split | AttributeSplit) -> str:
    """Of the images and labels of a split."""
    return _fingerprint(split.images, split.attributes if isinstance(split, AttributeSplit) else split.labels)


def _fingerprint(images: Images, labels: np.ndarray | None) -> str:
    digest = hashlib.sha256(str(images.shape).encode())
    for first in range(0, len(images), AT_ONCE):
        digest.update(images[first : first + AT_ONCE].tobytes())
    if labels is not None:
        digest.update(labels.tobytes())
    return f"{len(images)} images, {digest.hexdigest()[:16]}"
