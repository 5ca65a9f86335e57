"""Exports that need no training: learners on blurred pixels, and a classifier with a generator of random weights."""

import keras
import numpy as np

import latentshot as ls
from latentshot.glico.experiment.export import export
from latentshot.lasium.learners.calibration import Calibration


def export_blurred_pixels(folder, shape, blur, least_cosine):
    """ProtoNets on pixels, each the mean of blur x blur; what is less alike than least_cosine is none of these."""
    layers = [keras.Input(shape), keras.layers.AveragePooling2D(blur), keras.layers.Flatten()]
    learner = ls.ProtoNets(keras.Sequential(layers), "cosine")
    learner.calibrate([Calibration(1, 1.0, least_cosine / learner.temperature)])
    learner.export(folder)


def export_glico(folder, shape):
    """A classifier of three classes, and a sampler of six images, two of each; the model that the sampler uses."""
    keras.utils.set_random_seed(0)
    images, labels = np.zeros((6, *shape), np.uint8), np.arange(6, dtype=np.int32) // 2
    loss = ls.LaplacianLoss()
    codes, generator = ls.Codes(ls.random_codes(6, 5)), ls.dcgan_generator(5 + 3, shape)
    model = ls.GLICO(codes, generator, None, loss, ls.TargetCache(loss, images), noise_dim=3)
    export(folder, ls.weak_cnn(shape, 3), ls.LatentSampler(model, labels))
    return model
