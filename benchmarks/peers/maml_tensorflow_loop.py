"""A plain TensorFlow loop over tasks in one tf.function, as the code of LASIUM's authors is built; no XLA."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import tensorflow as tf

from ..maml_problem import META_LR, MamlProblem
from .tensorflow_conv4 import loss_of


def build(problem: MamlProblem, checked: bool) -> tuple[Callable[[], float], Callable[[], list[np.ndarray]]]:
    variables = [tf.Variable(weight) for weight in problem.weights()]
    adam = tf.keras.optimizers.Adam(META_LR) if not checked else tf.keras.optimizers.SGD(1.0)
    batch = {name: tf.constant(value) for name, value in problem.batch().items()}

    @tf.function(autograph=False)
    def meta_step() -> tf.Tensor:
        with tf.GradientTape() as tape:
            losses = []
            for task in range(problem.tasks):
                weights = [tf.convert_to_tensor(variable) for variable in variables]
                for _ in range(problem.inner_steps):
                    with tf.GradientTape() as inner:
                        inner.watch(weights)
                        loss = loss_of(problem, weights, batch["support_images"][task], batch["support_labels"][task])
                    gradients = inner.gradient(loss, weights)
                    if problem.first_order:
                        gradients = [tf.stop_gradient(gradient) for gradient in gradients]
                    weights = [w - problem.inner_lr * g for w, g in zip(weights, gradients, strict=True)]
                losses.append(loss_of(problem, weights, batch["query_images"][task], batch["query_labels"][task]))
            loss = tf.reduce_mean(losses)
        adam.apply_gradients(zip(tape.gradient(loss, variables), variables, strict=True))
        return loss

    return lambda: float(meta_step()), lambda: [variable.numpy() for variable in variables]
