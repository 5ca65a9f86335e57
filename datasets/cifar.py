"""CIFAR-10 and CIFAR-100: 60,000 photographs of 32x32 pixels, in 10 or 100 classes.

Alex Krizhevsky: "Learning multiple layers of features from tiny images", 2009. Read through TensorFlow Datasets:
https://www.tensorflow.org/datasets/catalog/cifar10
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from .dataset import Dataset, Split
from .prepared import prepared_builder

SOURCE = "https://www.cs.toronto.edu/~kriz/cifar.html"
N_IMAGES = 60_000


def cifar10(data_dir: str | Path | None = None) -> Dataset:
    """See `cifar`."""
    return cifar("cifar10", data_dir)


def cifar100(data_dir: str | Path | None = None) -> Dataset:
    """See `cifar`."""
    return cifar("cifar100", data_dir)


def cifar(name: str, data_dir: str | Path | None = None) -> Dataset:
    """`cifar10` or `cifar100` with its 50,000 training and 10,000 test images, 32x32x3.

    data_dir: where TensorFlow Datasets keeps or puts its copy; None means `$TFDS_DATA_DIR` or its own default.
    Raises RuntimeError, with the ways out, where there is neither a prepared copy nor a network to download it.
    """
    import tensorflow_datasets as tfds

    builder = prepared_builder(name, SOURCE, data_dir, "use --dataset folder:PATH on class folders")
    class_names = tuple(builder.info.features["label"].names)
    # one batch of all images
    batches = (builder.as_dataset(split=split, batch_size=N_IMAGES) for split in ("train", "test"))
    train, test = (next(iter(tfds.as_numpy(batch))) for batch in batches)
    files = tuple(identity.decode() for identity in sorted(train["id"]))
    splits = {"train": _split(train, class_names), "test": _split(test, class_names)}
    return Dataset(name, splits, files=files)


def _split(examples: dict[str, np.ndarray], class_names: tuple[str, ...]) -> Split:
    """The images in the order of their ids, which no number of reading threads changes."""
    order = np.argsort(examples["id"])
    return Split(examples["image"][order], examples["label"][order].astype(np.int32), class_names)
