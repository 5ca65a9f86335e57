"""What of an export other runtimes can compute: its parts as Keras models, and why the rest must stay behind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from .classifier import ImageClassifier
from .few_shot import FewShotClassifier

N_CLASSES = 5  # of the task that a head is tried on
_OWN_WAY = "the learner adapts in a way of its own, not by means of embeddings"


@dataclass(frozen=True)
class Part:
    """name: of its file. model: from a list of inputs to one output. inputs(n): n images, or what takes their place."""

    name: str
    model: keras.Model
    inputs: Callable[[int], list[np.ndarray]]


class Endpoint(keras.layers.Layer):
    """A function of an export, with the inputs that a list holds."""

    def __init__(self, exported: Any, function: Callable[..., tf.Tensor], **kwargs: Any):
        super().__init__(**kwargs)
        self.exported, self.function = exported, function

    def call(self, inputs: list[tf.Tensor]) -> tf.Tensor:
        return self.function(*inputs)


def parts(learner: FewShotClassifier | ImageClassifier) -> tuple[list[Part], list[str]]:
    """The parts, and one line for each thing that cannot be had elsewhere, with what to use instead."""
    if isinstance(learner, ImageClassifier):
        return _of_classifier(learner)
    return _of_few_shot(learner)


def _of_few_shot(learner: FewShotClassifier) -> tuple[list[Part], list[str]]:
    model, shape = learner.model, learner.image_shape
    embedding = _part("embedding", model, model.embed, [shape], lambda n: [_images(n, shape)])
    state = model.predict.concrete_functions[0].structured_input_signature[0][0]
    if "prototypes" not in state:
        by_gradients = "weights_0" in state
        how = "MAML adapts by gradient descent, which ONNX and LiteRT do not have" if by_gradients else _OWN_WAY
        return [embedding], [
            f"{how}: adapt with the SavedModel (--format saved-model), or train with --learner protonets, whose "
            "classes are means of embeddings"
        ]
    n_features = state["prototypes"].shape[-1]

    def head(prototypes: tf.Tensor, temperature: tf.Tensor, images: tf.Tensor) -> tf.Tensor:
        nothing = tf.constant(float("-inf"))
        known = {"prototypes": prototypes, "temperature": temperature[0], "threshold": nothing}
        return model.predict(known, images)

    def inputs(n: int) -> list[np.ndarray]:
        """The queries lie between two examples, so that the answers are no plain zeros and ones."""
        examples = _images(N_CLASSES, shape, seed=1)
        task = model.adapt(tf.constant(examples), tf.range(N_CLASSES))
        between = (examples[np.arange(n) % N_CLASSES] + examples[(np.arange(n) + 1) % N_CLASSES]) / 2
        return [task["prototypes"].numpy(), task["temperature"].numpy()[None], between]

    return [embedding, _part("head", model, head, [(n_features,), (), shape], inputs)], []


def _of_classifier(learner: ImageClassifier) -> tuple[list[Part], list[str]]:
    model, shape = learner.model, learner.image_shape
    found = [_part("classifier", model, model.classify, [shape], lambda n: [_images(n, shape)])]
    if not hasattr(model, "sample"):
        return found, []
    if not hasattr(model, "between"):
        return found, ["the sampler draws random numbers of its own: sample with the SavedModel (--format saved-model)"]
    first, _, _, noise = model.between.concrete_functions[0].structured_input_signature[0]

    def inputs(n: int) -> list[np.ndarray]:
        rng = np.random.default_rng(0)
        share, normal = rng.random(n, dtype=np.float32), rng.normal(size=(n, noise.shape[1])).astype(np.float32)
        return [np.zeros(n, np.int32), np.ones(n, np.int32), share, normal]

    specs = [(), (), (), tuple(noise.shape[1:])]
    kinds = [first.dtype, first.dtype, tf.float32, tf.float32]
    return [*found, _part("sampler", model, model.between, specs, inputs, kinds)], [
        "the sampler takes images to go between, and noise, as inputs: other runtimes draw random numbers otherwise"
    ]


def _part(
    name: str,
    exported: Any,
    function: Callable[..., tf.Tensor],
    shapes: list[tuple[int, ...]],
    inputs: Callable[[int], list[np.ndarray]],
    kinds: list[Any] | None = None,
) -> Part:
    kinds = kinds or [tf.float32] * len(shapes)
    given = [keras.Input(s, dtype=tf.as_dtype(kind).name) for s, kind in zip(shapes, kinds, strict=True)]
    model = keras.Model(given, Endpoint(exported, function)(given), name=name)
    model([tf.constant(value) for value in inputs(1)])  # the exporters want a model that was called
    return Part(name, model, inputs)


def _images(n: int, shape: tuple[int, int, int], seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).random((n, *shape), dtype=np.float32)
