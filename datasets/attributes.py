"""Images with binary attributes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from .fingerprint import fingerprint
from .image_store import Images


@dataclass(frozen=True)
class AttributeSplit:
    """The images of one split.

    images: as those of `Split`. attributes: bool, (n, n_attributes). attribute_names: the split's own attributes.
    """

    images: Images
    attributes: np.ndarray
    attribute_names: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.images)

    @cached_property
    def fingerprint(self) -> str:
        """Of the images and the attributes (`datasets.fingerprint`)."""
        return fingerprint(self.images, self.attributes)
