"""A plain TensorFlow loop over tasks in one tf.function, as the code of LASIUM's authors is built; no XLA."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import tensorflow as tf

from ..maml_problem import EPSILON, META_LR, MamlProblem


def build(problem: MamlProblem, optimizer: str) -> tuple[Callable[[], float], Callable[[], list[np.ndarray]]]:
    variables = [tf.Variable(weight) for weight in problem.weights()]
    adam = tf.keras.optimizers.Adam(META_LR) if optimizer == "adam" else tf.keras.optimizers.SGD(1.0)
    batch = {name: tf.constant(value) for name, value in problem.batch().items()}

    def logits(weights: list[tf.Tensor], x: tf.Tensor) -> tf.Tensor:
        stride = 2 if problem.downsampling == "stride" else 1
        for block in range(4):
            kernel, bias, scale, shift = weights[4 * block : 4 * block + 4]
            x = tf.nn.conv2d(x, kernel, stride, "SAME") + bias
            mean = tf.reduce_mean(x, axis=(0, 1, 2))
            variance = tf.reduce_mean(tf.square(x - mean), axis=(0, 1, 2))
            x = tf.nn.relu((x - mean) * tf.math.rsqrt(variance + EPSILON) * scale + shift)
            if problem.downsampling == "max_pool":
                x = tf.nn.max_pool2d(x, 2, 2, "VALID")
        averaged = problem.downsampling == "stride"
        x = tf.reduce_mean(x, axis=(1, 2)) if averaged else tf.reshape(x, (-1, weights[-2].shape[0]))
        return x @ weights[-2] + weights[-1]

    def loss_of(weights: list[tf.Tensor], images: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
        each = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits(weights, images))
        return tf.reduce_mean(each)

    @tf.function(autograph=False)
    def meta_step() -> tf.Tensor:
        with tf.GradientTape() as tape:
            losses = []
            for task in range(problem.tasks):
                weights = [tf.convert_to_tensor(variable) for variable in variables]
                for _ in range(problem.inner_steps):
                    with tf.GradientTape() as inner:
                        inner.watch(weights)
                        loss = loss_of(weights, batch["support_images"][task], batch["support_labels"][task])
                    gradients = inner.gradient(loss, weights)
                    if problem.first_order:
                        gradients = [tf.stop_gradient(gradient) for gradient in gradients]
                    weights = [w - problem.inner_lr * g for w, g in zip(weights, gradients, strict=True)]
                losses.append(loss_of(weights, batch["query_images"][task], batch["query_labels"][task]))
            loss = tf.reduce_mean(losses)
        adam.apply_gradients(zip(tape.gradient(loss, variables), variables, strict=True))
        return loss

    return lambda: float(meta_step()), lambda: [variable.numpy() for variable in variables]
