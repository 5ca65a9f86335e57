"""A plain TensorFlow loop: task by task, one tf.function for a step of the adaptation."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import tensorflow as tf

from ..maml_problem import MamlProblem
from .tensorflow_conv4 import loss_of


def build(problem: MamlProblem, checked: bool) -> tuple[Callable[[], float], Callable[[], list[np.ndarray]]]:
    initial = [tf.constant(weight) for weight in problem.weights()]
    batch = {name: tf.constant(value) for name, value in problem.batch().items()}

    @tf.function(autograph=False)
    def inner_step(weights: list[tf.Tensor], images: tf.Tensor, labels: tf.Tensor) -> list[tf.Tensor]:
        with tf.GradientTape() as tape:
            tape.watch(weights)
            loss = loss_of(problem, weights, images, labels)
        gradients = tape.gradient(loss, weights)
        return [w - problem.inner_lr * g for w, g in zip(weights, gradients, strict=True)]

    query_loss = tf.function(lambda w, images, labels: loss_of(problem, w, images, labels), autograph=False)

    losses: list[float] = []  # of the tasks, which is what candidates are compared by

    def step() -> float:
        losses.clear()
        for task in range(problem.tasks):
            weights = initial
            for _ in range(problem.inner_steps):
                weights = inner_step(weights, batch["support_images"][task], batch["support_labels"][task])
            losses.append(float(query_loss(weights, batch["query_images"][task], batch["query_labels"][task])))
        return float(np.mean(losses))

    return step, lambda: [np.array(losses or 0.0)]
