"""The library's MAML on a problem: what its two benchmarks share."""

from __future__ import annotations

import tensorflow as tf

from ...lasium.learners.maml import MAML
from ...models.conv4 import conv4
from ..maml_problem import MamlProblem


def learner(problem: MamlProblem) -> MAML:
    """With the problem's weights, and its steps in meta-training and in evaluation; to be compiled."""
    network = conv4(problem.image_shape, problem.n_way, problem.filters, problem.downsampling, momentum=0.0)
    for variable, value in zip(network.trainable_variables, problem.weights(), strict=True):
        variable.assign(value)
    return MAML(network, problem.inner_lr, problem.inner_steps, problem.inner_steps, problem.first_order)


def batch(problem: MamlProblem) -> tuple[dict[str, tf.Tensor], tf.Tensor]:
    """A batch of tasks as `fit` takes it: see `lasium.tasks`."""
    tasks = {name: tf.constant(value) for name, value in problem.batch().items()}
    labels = tasks.pop("query_labels")
    return tasks, labels
