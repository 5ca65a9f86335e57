"""The library's own step of the VAE, by the function that `fit` runs."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf

from ...models.vae import VAE, omniglot_vae
from ...training.determinism import seed_everything
from ..vae_problem import IMAGE_SHAPE, LATENT_DIM, LEARNING_RATE, VaeProblem


def build(problem: VaeProblem, checked: bool) -> tuple[Callable[[], float], Callable[[], list[np.ndarray]]]:
    seed_everything(0)  # and so deterministic operations, as in the commands
    model = vae(problem)
    model.compile(keras.optimizers.Adam(LEARNING_RATE) if not checked else keras.optimizers.SGD(1.0))
    model.make_train_function()
    batches = itertools.repeat(tf.constant(problem.images()))

    def step() -> float:
        model.reset_metrics()
        return float(model.train_function(batches)["loss"])

    return step, lambda: [variable.numpy() for variable in model.trainable_variables]


def vae(problem: VaeProblem) -> VAE:
    """With the problem's weights."""
    model = omniglot_vae(IMAGE_SHAPE, LATENT_DIM)
    for variable, value in zip(model.trainable_variables, problem.weights(), strict=True):
        variable.assign(value)
    return model
