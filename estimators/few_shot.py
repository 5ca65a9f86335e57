"""A few-shot learner as an estimator: `fit` shows it examples of new classes, which takes a moment and no training."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from sklearn.exceptions import NotFittedError

from ..training.files import whole_file
from .images import ImageShape, collected, pixels
from .labels import as_array, as_list, distinct, share_right

AT_ONCE = 200  # images that go through the network together


class FewShotClassifier:
    """What `load_learner` makes of a few-shot learner's export.

    export, model: the folder, and what it holds as TensorFlow loads it.
    image_shape: (height, width, channels) that images are brought to.
    n_way: how many classes it tells at most; None for any number.
    classes_: the labels that `fit` was given, in order; column i of `predict_proba` is that of classes_[i].
    Images are whatever `estimators.images.collected` takes: files, PIL images or arrays.
    """

    def __init__(self, export: Path, model: Any, invert: bool = False, none_label: Any = None):
        self.export, self.model, self.invert, self.none_label = export, model, invert, none_label
        adapt, predict = (getattr(model, name).concrete_functions[0] for name in ("adapt", "predict"))
        self.image_shape: ImageShape = tuple(adapt.structured_input_signature[0][0].shape[1:])
        self.n_way: int | None = predict.structured_outputs.shape[-1]

    def fit(self, images: Any, labels: Any) -> FewShotClassifier:
        """Adapts to the examples. labels: one for each image, of any kind that can be a key of a dict.

        Raises ValueError for fewer than two classes, more than n_way, and images or labels that are none.
        """
        labels = as_list(labels)
        classes = distinct(labels)
        self.check_number_of(classes)
        examples = collected(images, self.image_shape)
        if len(examples) != len(labels):
            raise ValueError(f"{len(examples)} images and {len(labels)} labels: give a label for each image")
        place = {label: number for number, label in enumerate(classes)}
        state = self.model.adapt(self._pixels(examples[:]), tf.constant([place[label] for label in labels], tf.int32))
        self._keep(state, classes)
        return self

    def check_number_of(self, classes: list[Any]) -> None:
        """Raises ValueError for fewer than two classes, or more than n_way."""
        if len(classes) < 2:
            raise ValueError(
                f"only one class, {classes[0]!r}: there is nothing to classify" if classes else "no labels"
            )
        if self.n_way is not None and len(classes) > self.n_way:
            raise ValueError(
                f"{len(classes)} classes were given; this learner tells {self.n_way} at most: train one with "
                f"--n-way {len(classes)}, or with --learner protonets, which tells any number"
            )

    def predict(self, images: Any) -> np.ndarray:
        """The likeliest label of each image; `none_label` where that is set and the image belongs to no class."""
        probabilities, none = self.answers(images)
        labels = [self._classes[i] for i in probabilities.argmax(axis=1)]
        if self.none_label is not None:
            labels = [self.none_label if is_none else label for is_none, label in zip(none, labels, strict=True)]
        return as_array(labels)

    def predict_proba(self, images: Any) -> np.ndarray:
        """Probabilities (n, n_classes), in the order of classes_, that the image is of a class if it is of any."""
        return self.answers(images)[0]

    def none_of_these(self, images: Any) -> np.ndarray:
        """For each image, whether it belongs to no class. Raises ValueError for a learner that was not calibrated."""
        self._check_threshold()
        return self.answers(images)[1]

    def embed(self, images: Any) -> np.ndarray:
        """Features (n, n_features), in which images of a class lie close together. MAML's depend on those beside it."""
        images = collected(images, self.image_shape)
        parts = _mixed_parts(len(images))
        features = [self.model.embed(self._pixels(images[part])).numpy() for part in parts]
        embedded = np.empty((len(images), features[0].shape[-1]), features[0].dtype)
        for part, found in zip(parts, features, strict=True):
            embedded[part] = found
        return embedded

    def score(self, images: Any, labels: Any) -> float:
        """The share of images whose label `predict` gives, from 0 to 1.

        Raises ValueError where no label is among those that `fit` was given.
        """
        return share_right(
            self.predict(images).tolist(),
            as_list(labels),
            [*self._classes, *[self.none_label] * (self.none_label is not None)],
        )

    def save(self, path: str | Path) -> None:
        """Writes what `fit` made to one file, for `load`. The file appears whole or not at all.

        Raises ValueError for labels other than strings and numbers.
        """
        self._check_fitted()
        if others := [label for label in self._classes if not isinstance(label, str | int | float)]:
            raise ValueError(f"the label {others[0]!r} cannot be saved; strings and numbers can")
        said = json.dumps({"learner": self._fingerprint(), "classes": self._classes, "invert": self.invert})
        with whole_file(Path(path)) as part, part.open("wb") as file:
            np.savez(file, said=np.array(said), **{name: tensor.numpy() for name, tensor in self._state.items()})

    def load(self, path: str | Path) -> FewShotClassifier:
        """Takes up what `save` wrote.

        Raises ValueError for another learner's file, or one that is damaged, and for one of images inverted otherwise.
        """
        try:
            # opened here, for numpy leaves a damaged file open
            with Path(path).open("rb") as file, np.load(file, allow_pickle=False) as arrays:
                stored = {name: arrays[name] for name in arrays.files}
            said = json.loads(str(stored.pop("said")))
            learner, classes, inverted = said["learner"], said["classes"], said.get("invert", self.invert)
        except FileNotFoundError:
            raise
        except Exception as error:  # numpy raises many kinds of errors for damaged files
            raise ValueError(f"{path} is no file that `save` wrote: {error}") from error
        if learner != self._fingerprint():
            raise ValueError(f"{path} was saved by another learner than {self.export}")
        if inverted != self.invert:
            raise ValueError(f"{path} was saved with invert={inverted}: load the learner with it too")
        self._keep({name: tf.constant(array) for name, array in stored.items()}, classes)
        return self

    def _keep(self, state: dict[str, tf.Tensor], classes: list[Any]) -> None:
        if self.none_label is not None and not _has_threshold(state):
            raise ValueError(f"none_label is {self.none_label!r}: {self._not_calibrated()}")
        self._state, self._classes, self.classes_ = state, classes, as_array(classes)

    def answers(self, images: Any) -> tuple[np.ndarray, np.ndarray]:
        """`predict_proba`, and whether an image belongs to no class, which without a threshold none does.

        Raises FloatingPointError for probabilities that are not finite.
        """
        self._check_fitted()
        queries = collected(images, self.image_shape)
        probabilities = np.zeros((len(queries), len(self._classes)), np.float32)
        none = np.zeros(len(queries), bool)
        for part in _mixed_parts(len(queries)):
            answer = self.model.answer(self._state, self._pixels(queries[part]))
            # a head may have outputs that no class was given to
            probabilities[part] = answer["probabilities"].numpy()[:, : len(self._classes)]
            none[part] = answer["none_of_these"].numpy()
        if not np.isfinite(probabilities).all():
            raise FloatingPointError("the learner gives probabilities that are not finite: it, or an image, is damaged")
        return probabilities, none

    def _pixels(self, images: np.ndarray) -> tf.Tensor:
        return tf.constant(pixels(images, self.invert))

    def _check_fitted(self) -> None:
        if not hasattr(self, "_state"):
            raise NotFittedError("it knows no classes yet: call fit with examples, or load with what save wrote")

    @property
    def is_calibrated(self) -> bool:
        """Has the learner a threshold for "none of these"? Known once it is fitted."""
        self._check_fitted()
        return _has_threshold(self._state)

    def _check_threshold(self) -> None:
        if not self.is_calibrated:
            raise ValueError(self._not_calibrated())

    def _not_calibrated(self) -> str:
        why = "it was not calibrated, for lack of validation classes perhaps"
        return f'{self.export} has no threshold for "none of these": {why}'

    def _fingerprint(self) -> str:
        """Sixteen digits of the export's weights and graphs."""
        digest = hashlib.sha256((self.export / "saved_model.pb").read_bytes())
        for file in sorted((self.export / "variables").iterdir()):
            digest.update(file.read_bytes())
        return digest.hexdigest()[:16]


def _mixed_parts(n_images: int) -> list[slice]:
    """At most AT_ONCE images each, from all over: MAML may normalize them by the statistics of those beside them."""
    n_parts = -(-n_images // AT_ONCE)
    return [slice(first, None, n_parts) for first in range(n_parts)]


def _has_threshold(state: dict[str, tf.Tensor]) -> bool:
    return bool(np.isfinite(state["threshold"].numpy()))
