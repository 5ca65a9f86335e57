"""conv4 as a function of its weights, in plain TensorFlow."""

from __future__ import annotations

import tensorflow as tf

from ..maml_problem import EPSILON, MamlProblem


def logits(problem: MamlProblem, weights: list[tf.Tensor], x: tf.Tensor) -> tf.Tensor:
    stride = 2 if problem.downsampling == "stride" else 1
    for block in range(4):
        kernel, scale, shift = weights[3 * block : 3 * block + 3]
        x = tf.nn.conv2d(x, kernel, stride, "SAME")
        mean = tf.reduce_mean(x, axis=(0, 1, 2))
        variance = tf.reduce_mean(tf.square(x - mean), axis=(0, 1, 2))
        x = tf.nn.relu((x - mean) * tf.math.rsqrt(variance + EPSILON) * scale + shift)
        if problem.downsampling == "max_pool":
            x = tf.nn.max_pool2d(x, 2, 2, "VALID")
    averaged = problem.downsampling == "stride"
    x = tf.reduce_mean(x, axis=(1, 2)) if averaged else tf.reshape(x, (-1, weights[-2].shape[0]))
    return x @ weights[-2] + weights[-1]


def loss_of(problem: MamlProblem, weights: list[tf.Tensor], images: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
    each = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits(problem, weights, images))
    return tf.reduce_mean(each)
