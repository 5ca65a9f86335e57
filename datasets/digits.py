"""Digits: 1,797 real handwritten digits, which scikit-learn brings along. Needs no network.

E. Alpaydin, C. Kaynak: "Optical recognition of handwritten digits", UCI Machine Learning Repository, 1998,
https://doi.org/10.24432/C50P49; the test part, as sklearn.datasets.load_digits has it.
"""

from __future__ import annotations

import numpy as np
from PIL import Image

from .dataset import Dataset, Split

SIDE = 16  # the originals have 8 pixels a side, too few for networks that halve them four times
N_TRAINING = 897  # the other 900 are for testing


def digits() -> Dataset:
    """16x16x1, ink is 1, bilinearly from 8x8: 897 training and 900 test images, in the proportions of the classes."""
    from sklearn.datasets import load_digits  # takes a second
    from sklearn.model_selection import train_test_split

    data = load_digits()
    images = np.stack([_enlarged(image) for image in data.images])[..., None]  # (1797, 16, 16, 1)
    numbers = np.arange(len(images))
    chosen = train_test_split(numbers, train_size=N_TRAINING, random_state=0, stratify=data.target)
    names = tuple(str(name) for name in data.target_names)
    train, test = (Split(images[part], data.target[part].astype(np.int32), names) for part in chosen)
    files = tuple(str(number) for number in chosen[0])
    return Dataset("digits", {"train": train, "test": test}, inverted=True, files=files, mirrored=False)


def _enlarged(image: np.ndarray) -> np.ndarray:
    """Ink from 0 to 16 as a byte: uint8, (16, 16)."""
    pixels = Image.fromarray((image * (255 / 16)).round().astype(np.uint8))
    return np.asarray(pixels.resize((SIDE, SIDE), Image.Resampling.BILINEAR))
