"""The library's own step of the MSGAN, by the function that `fit` runs."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf

from ...models.msgan import omniglot_msgan
from ...training.determinism import seed_everything
from ..msgan_problem import BETA_1, IMAGE_SHAPE, LATENT_DIM, LEARNING_RATE, MODE_SEEKING, MsganProblem


def build(problem: MsganProblem, checked: bool) -> tuple[Callable[[], float], Callable[[], list[np.ndarray]]]:
    seed_everything(0)  # and so deterministic operations, as in the commands
    model = omniglot_msgan(IMAGE_SHAPE, LATENT_DIM, MODE_SEEKING)
    for name, values in problem.weights().items():
        for variable, value in zip(getattr(model, name).trainable_variables, values, strict=True):
            variable.assign(value)
    optimizer = keras.optimizers.SGD if checked else keras.optimizers.Adam
    rates = {"learning_rate": 1.0} if checked else {"learning_rate": LEARNING_RATE, "beta_1": BETA_1}
    model.compile(optimizer(**rates), optimizer(**rates))
    model.make_train_function()
    batches = itertools.repeat(tf.constant(problem.images()))

    def step() -> float:
        model.reset_metrics()
        logs = model.train_function(batches)
        return float(logs["discriminator"] + logs["adversarial"] + MODE_SEEKING * logs["mode_seeking"])

    return step, lambda: [variable.numpy() for variable in model.trainable_variables]
