"""The library's own step of latent optimization, by the function that `fit` runs."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import cast

import keras
import numpy as np
import tensorflow as tf

from ...glico.latent.codes import Codes
from ...glico.latent.model import GLICO
from ...glico.latent.perceptual import PerceptualLoss
from ...glico.latent.targets import TargetCache
from ...models.dcgan import dcgan_generator
from ...models.vgg import vgg_features
from ...models.weak_cnn import weak_cnn
from ...training.determinism import seed_everything
from ..glico_problem import GAMMA, IMAGE_SHAPE, LATENT_DIM, LEARNING_RATE, NOISE_DIM, TAP_WEIGHTS, GlicoProblem


def build(problem: GlicoProblem, checked: bool) -> tuple[Callable[[], float], Callable[[], list[np.ndarray]]]:
    seed_everything(0)  # and so deterministic operations, as in the commands
    model = glico(problem, checked=checked)
    model.compile(keras.optimizers.Adam(LEARNING_RATE) if not checked else keras.optimizers.SGD(1.0))
    model.make_train_function()
    batches = itertools.repeat({name: tf.constant(value) for name, value in problem.batch().items()})

    def step() -> float:
        model.reset_metrics()
        logs = model.train_function(batches)
        return float(logs["reconstruction"] + GAMMA * logs["cross_entropy"])

    networks = (model.generator, cast(keras.Model, model.classifier))
    shared = [model.codes.table, *[variable for network in networks for variable in network.trainable_variables]]
    return step, lambda: [variable.numpy() for variable in shared]


def glico(problem: GlicoProblem, checked: bool = False) -> GLICO:
    """With the problem's weights. checked: codes move by their gradients, not by Adam's nearly constant steps."""
    weights, images = problem.weights(), problem.images()
    loss = PerceptualLoss(_vgg(weights["vgg"]), TAP_WEIGHTS)
    # a step of Adam's is rate g / (|g| + epsilon): with both so large it is g
    codes = Codes(weights["codes"][0], **({"learning_rate": 1e6, "epsilon": 1e6} if checked else {}))
    generator = dcgan_generator(LATENT_DIM + NOISE_DIM, IMAGE_SHAPE)
    classifier = weak_cnn(IMAGE_SHAPE, problem.n_classes)
    for network, values in ((generator, weights["generator"]), (classifier, weights["classifier"])):
        for variable, value in zip(network.trainable_variables, values, strict=True):
            variable.assign(value)
    return GLICO(
        codes,
        generator,
        classifier,
        loss,
        TargetCache(loss, images),
        gamma=GAMMA,
        noise_dim=NOISE_DIM,
        sigma=problem.sigma,
    )


def _vgg(weights: list[np.ndarray]) -> keras.Model:
    network = keras.applications.VGG16(include_top=False, weights=None, input_shape=IMAGE_SHAPE)
    network.set_weights(weights)
    convolutions = keras.Model(network.input, network.get_layer("block5_conv3").output)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "vgg.weights.h5"
        convolutions.save_weights(file)
        return vgg_features(IMAGE_SHAPE, weights=file)
