"""Ten letters drawn from matplotlib's fonts, to classify from few of them. Needs no network."""

from __future__ import annotations

import matplotlib
import numpy as np

from .cache import cached_arrays
from .dataset import Dataset, Split
from .glyphs import IMAGE_SIZE, draw_letters

LETTERS = "abdeghnrsz"
TRAINING_DRAWINGS, TEST_DRAWINGS = 100, 100  # of each letter


def letters(seed: int = 0) -> Dataset:
    """28x28x1, ink is 1: 100 training and 100 test drawings of each letter, as those of `glyphs` are drawn.

    seed: of the drawings; the same seed gives the same bytes under the same matplotlib.
    """
    n = TRAINING_DRAWINGS + TEST_DRAWINGS
    file_name = f"glyph-letters-{IMAGE_SIZE}-seed{seed}-matplotlib{matplotlib.__version__}.npz"
    arrays = cached_arrays(file_name, lambda: {"images": draw_letters([ord(letter) for letter in LETTERS], n, seed)})
    images = arrays["images"].reshape(len(LETTERS), n, IMAGE_SIZE, IMAGE_SIZE, 1)
    names = tuple(LETTERS)
    files = tuple(f"{letter}/{drawing}" for letter in LETTERS for drawing in range(TRAINING_DRAWINGS))
    train, test = images[:, :TRAINING_DRAWINGS], images[:, TRAINING_DRAWINGS:]
    splits = {"train": _split(train, names), "test": _split(test, names)}
    return Dataset("letters", splits, inverted=True, files=files, mirrored=False)


def _split(images: np.ndarray, class_names: tuple[str, ...]) -> Split:
    """Of images (classes, n, height, width, 1)."""
    labels = np.repeat(np.arange(images.shape[0], dtype=np.int32), images.shape[1])
    return Split(images.reshape(-1, *images.shape[2:]), labels, class_names)
