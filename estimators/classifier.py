"""A classifier of bin/train_glico.py as an estimator that is fitted already."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from ..training.files import read_json
from .images import ImageShape, collected, pixels
from .labels import as_list, share_right

AT_ONCE = 200


class ImageClassifier:
    """What `load_learner` makes of a classifier's export. Images are as `estimators.images.collected` takes them.

    export, model: the folder, and what it holds as TensorFlow loads it.
    image_shape: (height, width, channels) that images are brought to.
    classes_: names of the classes, in order; column i of `predict_proba` is that of classes_[i].
    """

    def __init__(self, export: Path, model: Any, invert: bool = False):
        self.export, self.model, self.invert = export, model, invert
        function = model.classify.concrete_functions[0]
        self.image_shape: ImageShape = tuple(function.structured_input_signature[0][0].shape[1:])
        names = export.parent / "classes.json"
        n_classes = function.structured_outputs.shape[-1]

        def are_names(value: Any) -> bool:
            return isinstance(value, list) and len(value) == n_classes and all(isinstance(each, str) for each in value)

        remedy = f"it must be a list of {n_classes} names; without the file the classes are numbers"
        known = read_json(names, are_names, remedy) if names.exists() else range(n_classes)
        self.classes_ = np.array(known)

    def predict_proba(self, images: Any) -> np.ndarray:
        """Probabilities (n, n_classes)."""
        images = collected(images, self.image_shape)
        parts = [images[first : first + AT_ONCE] for first in range(0, len(images), AT_ONCE)]
        return np.concatenate([self.model.classify(tf.constant(pixels(part, self.invert))).numpy() for part in parts])

    def predict(self, images: Any) -> np.ndarray:
        """The likeliest class of each image."""
        return self.classes_[self.predict_proba(images).argmax(axis=1)]

    def score(self, images: Any, labels: Any) -> float:
        """The share of images whose class `predict` gives, from 0 to 1.

        Raises ValueError where no label is among classes_, as of numbers in the place of names.
        """
        return share_right(self.predict(images).tolist(), as_list(labels), self.classes_.tolist())
