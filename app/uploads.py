"""What may be uploaded, and how the rest is told: one sentence a file, for the page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from ..datasets.image_files import UnreadableImage, image_size, quiet, read_image
from ..estimators.images import ImageShape
from ..experiment.text import printable
from . import ink

MOST_FILES = 20  # at once, and of a class
MOST_BYTES = 20 * 2**20  # of a file
MOST_PIXELS = 60_000_000

Read = Callable[[Path], np.ndarray]


def photograph(shape: ImageShape) -> Read:
    """Reads a file as an image, uint8 of the shape, as in training."""
    return lambda file: read_image(file, shape[:2], shape[2])[0]


def letter(shape: ImageShape, hand: ink.Hand) -> Read:
    """Reads a file as the image of a letter, uint8 of the shape, ink 255 on 0."""

    def read(file: Path) -> np.ndarray:
        height, width = image_size(file)
        side = min(max(height, width), 1024)
        # laid on white and turned upright, its sides in proportion
        size = max(1, side * height // max(height, width)), max(1, side * width // max(height, width))
        picture = Image.fromarray(read_image(file, size, 1)[0][..., 0])
        try:
            return ink.centred(picture, shape, hand)
        except ValueError as error:
            raise ValueError(f"{printable(file.name)} is left out: {error}") from error

    return read


def accepted(files: Sequence[str] | None, read: Read, room: int = MOST_FILES) -> tuple[list[np.ndarray], list[str]]:
    """The images of the files, and a sentence for each that is left out, and for those beyond the first `room`."""
    files = list(files or [])
    images, refused = [], []
    for file in files[:room]:
        try:
            images.append(_read(Path(file), read))
        except ValueError as error:
            refused.append(str(error))
    if len(files) > room:
        refused.append(
            f"{len(files) - room} of {len(files)} files are left out: {MOST_FILES} images are the most here."
        )
    return images, refused


def _read(file: Path, read: Read) -> np.ndarray:
    name = printable(file.name)
    if file.stat().st_size > MOST_BYTES:
        raise ValueError(f"{name} is left out: it has more than {MOST_BYTES // 2**20} MB.")
    try:
        height, width = image_size(file)
        if height * width > MOST_PIXELS:
            raise ValueError(f"{name} is left out: {width} x {height} pixels are too many to decode here.")
        with quiet():
            return read(file)
    except UnreadableImage as error:
        raise ValueError(f"{name} cannot be read as an image: it is damaged, or of a kind not known here.") from error
