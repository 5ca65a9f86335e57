"""What a dataset must be for classification: training and test images of the same classes."""

from __future__ import annotations

import numpy as np

from .attributes import AttributeSplit
from .dataset import Dataset


def check_split_by_image(dataset: Dataset, instead: str) -> None:
    """Raises ValueError unless training and test images are of the same classes and the same size, every class has a
    training image, and there are two classes and a test image at least. instead: names of datasets that are so."""
    name, train, test = dataset.name, dataset["train"], dataset["test"]
    if isinstance(train, AttributeSplit) or train.class_names != test.class_names:
        raise ValueError(
            f"{name} is split by class: its training and test images are not of the same classes, so that a classifier "
            f"cannot be tested; choose one of {instead}"
        )
    if train.images.shape[1:] != test.images.shape[1:]:
        raise ValueError(f"{name}: training images are {train.images.shape[1:]}, test images {test.images.shape[1:]}")
    if dataset.n_classes < 2:
        raise ValueError(f"{name} has only one class, {train.class_names[0]!r}: there is nothing to classify")
    if not len(test.labels):
        raise ValueError(f"{name}: there is no test image")
    counts = np.bincount(train.labels, minlength=dataset.n_classes)
    if not counts.all():
        raise ValueError(f"{name}: class {train.class_names[int(np.argmin(counts))]!r} has no image")
