"""The generative model that a configuration describes, for one sample (Azuri and Weinshall 2020, section III)."""

from __future__ import annotations

from functools import partial
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from ...datasets.labelled_batches import labelled_batches, mixed_batches
from ...datasets.registry import is_user_dataset
from ...models.applications import application
from ...models.classifiers import classifier
from ...models.dcgan import dcgan_generator
from ...models.latent_classifier import latent_classifier
from ...models.vgg import vgg_features
from ...training.determinism import seed_everything
from ..latent.codes import Codes
from ..latent.initial_codes import feature_codes, hypercube_codes, random_codes
from ..latent.laplacian import LaplacianLoss
from ..latent.model import GLICO
from ..latent.perceptual import PerceptualLoss, relative_weights
from ..latent.targets import ReconstructionLoss, TargetCache
from .config import GlicoConfig
from .generative_training import GenerativeTraining
from .sample import Sample
from .schedule import Schedule, schedule

OWN_EPOCH = 5000  # images of one's own in an epoch, at least

# What decides the weights beside schedule, seed and images.
OPTIONS = (
    *("generator_lr", "code_lr", "latent_dim", "noise_dim", "sigma", "noise", "no_noise", "gamma", "init"),
    *("no_classifier", "weak_classifier", "classifier_space", "perceptual", "taps", "tap_weights", "pixel_weight"),
    *("generator_batch_size", "precision"),
)


def build_generative(config: GlicoConfig, sample: Sample) -> GenerativeTraining:
    """The compiled model with fresh weights, a function of the sample's seed, and how it is trained."""
    model = _model(config, sample)
    options: dict[str, Any] = {name: getattr(config, name) for name in OPTIONS}
    options |= {"targets": str(getattr(model.targets, "dtype", None))}
    return GenerativeTraining(
        "glico",
        model,
        sample,
        generator_schedule(config, sample),
        partial(generator_batches, config, sample),
        {**options, "labelled_per_batch": labelled_per_batch(config, sample)},
        (config.vgg_weights,) if config.vgg_weights else (),
        f"optimizing {len(sample.images)} codes and the generator",
    )


def generator_batches(config: GlicoConfig, sample: Sample, start: int) -> tf.data.Dataset:
    """Batches of labelled images; where there are others, of both in the proportion that a pass shows them in."""
    size = generator_batch_size(config, sample)
    if not len(sample.unlabelled):
        return labelled_batches(sample.labels, size, sample.seed, start)
    return mixed_batches(sample.labels, sample.n_labelled, labelled_per_batch(config, sample), size, sample.seed, start)


def generator_schedule(config: GlicoConfig, sample: Sample) -> Schedule:
    """A pass goes over the labelled images, oversampled as the classifier's are, and over the unlabelled ones."""
    images = images_per_epoch(config, sample) + len(sample.unlabelled)
    assert config.budget is not None, "resolve the config first"
    return schedule(images, config.generator_epochs, generator_batch_size(config, sample), config.budget)


def generator_batch_size(config: GlicoConfig, sample: Sample) -> int:
    assert config.generator_batch_size is not None, "resolve the config first"
    return min(config.generator_batch_size, sample.n_labelled)


def images_per_epoch(config: GlicoConfig, sample: Sample) -> int:
    """Labelled images of an epoch, unless the option says otherwise: as many as the whole training set holds.

    Of images of one's own there may be any number, labelled or not. By default 5,000 make 2,000 steps of 50 for the
    generator, which sees each of 500 images 200 times. On one sample, 53 times came out 2.2 points below the baseline
    (docs/results/cifar10-jpeg.md), so more images take more steps.
    """
    if config.epoch_images:
        return config.epoch_images
    if is_user_dataset(config.dataset):
        return max(OWN_EPOCH, 10 * sample.n_labelled)
    return len(sample.dataset["train"].labels)


def labelled_per_batch(config: GlicoConfig, sample: Sample) -> int:
    """So many that the proportion is that of a pass, and no unlabelled image comes twice in a batch."""
    size = generator_batch_size(config, sample)
    labelled = images_per_epoch(config, sample)
    proportion = labelled / (labelled + len(sample.unlabelled))
    fewest = max(size - len(sample.unlabelled), 1)
    most = size - bool(len(sample.unlabelled))
    return min(max(round(proportion * size), fewest), most)


def _initial_codes(config: GlicoConfig, sample: Sample) -> np.ndarray:
    """Where the codes of the sample's images start: float32, (n, latent_dim)."""
    if config.init == "hypercube":
        return hypercube_codes(sample.labels, config.latent_dim, sample.seed)
    if config.init == "resnet":
        network = application("resnet-50", sample.dataset.image_shape, "imagenet")
        return feature_codes(network, sample.images, config.latent_dim, sample.seed)
    return random_codes(len(sample.labels), config.latent_dim, sample.seed)


def _model(config: GlicoConfig, sample: Sample) -> GLICO:
    seed_everything(sample.seed)
    noise_dim = 0 if config.no_noise else config.noise_dim
    concatenated = noise_dim if config.noise == "concatenated" else 0
    loss = _reconstruction_loss(config, sample.labelled.images)
    model = GLICO(
        Codes(_initial_codes(config, sample), config.code_lr),
        dcgan_generator(config.latent_dim + concatenated, sample.dataset.image_shape),
        _weak_classifier(config, sample),
        loss,
        TargetCache(loss, sample.images),
        gamma=config.gamma or 0.0,
        noise_dim=noise_dim,
        sigma=0.0 if config.no_noise else config.sigma,
        noise=config.noise,
        classifier_space=config.classifier_space,
        seed=sample.seed,
    )
    model.compile(keras.optimizers.Adam(config.generator_lr))
    return model


def _weak_classifier(config: GlicoConfig, sample: Sample) -> keras.Model | None:
    """The classifier f of algorithm 1, on images or on codes."""
    if config.no_classifier:
        return None
    if config.classifier_space == "latent":
        return latent_classifier(config.latent_dim, sample.dataset.n_classes)
    return classifier(config.weak_classifier, sample.labelled.images, sample.dataset.n_classes)


def _reconstruction_loss(config: GlicoConfig, images: np.ndarray) -> ReconstructionLoss:
    """images: the labelled ones, uint8, on which the taps' sizes are measured."""
    if config.perceptual == "laplacian":
        return LaplacianLoss()
    features = vgg_features(images.shape[1:], config.taps, config.vgg_weights or "imagenet")
    weights = relative_weights(features, images, config.tap_weights)
    return PerceptualLoss(features, weights, config.pixel_weight)
