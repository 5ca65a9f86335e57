"""The library's own step of a classifier, by the function that `fit` runs."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf

from ...glico.classify.augmentation import standard_augmentation
from ...glico.classify.classifier import MixedClassifier, sgd
from ...glico.latent.sampling import LatentSampler
from ...models.wide_resnet import wide_resnet
from ...training.determinism import seed_everything
from ..classifier_problem import DEPTH, WEIGHT_DECAY, WIDTH, ClassifierProblem
from .glico_latentshot import glico


def build(problem: ClassifierProblem, checked: bool) -> tuple[Callable[[], float], Callable[[], list[np.ndarray]]]:
    seed_everything(0)  # and so deterministic operations, as in the commands
    images, batch = problem.model.images(), problem.model.batch()
    shape = images.shape[1:]
    network = wide_resnet(shape, problem.n_classes, DEPTH, WIDTH)
    for variable, value in zip(network.trainable_variables, problem.weights(), strict=True):
        variable.assign(value)
    sampler = LatentSampler(glico(problem.model), np.arange(problem.n_images) % problem.n_classes)
    augmentation = standard_augmentation(shape) if problem.augmented else keras.layers.Identity()
    model = MixedClassifier(network, images, augmentation, sampler, problem.p, weight_decay=WEIGHT_DECAY)
    model.compile(keras.optimizers.SGD(1.0) if checked else sgd(steps=1_000_000))
    model.make_train_function()
    batches = itertools.repeat({name: tf.constant(value) for name, value in batch.items()})

    def step() -> float:
        model.reset_metrics()
        return float(model.train_function(batches)["loss"])

    return step, lambda: [variable.numpy() for variable in network.trainable_variables]
