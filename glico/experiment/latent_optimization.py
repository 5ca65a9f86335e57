"""Builds and trains the generative model of one sample (Azuri and Weinshall 2020, section III)."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from ...datasets.labelled_batches import labelled_batches, mixed_batches
from ...models.applications import application
from ...models.classifiers import classifier
from ...models.dcgan import dcgan_generator
from ...models.latent_classifier import latent_classifier
from ...models.vgg import vgg_features
from ...training.determinism import seed_everything
from ...training.fit import train
from ...training.stopwatch import Stopwatch
from ..latent.codes import Codes
from ..latent.initial_codes import feature_codes, hypercube_codes, random_codes
from ..latent.laplacian import LaplacianLoss
from ..latent.model import GLICO
from ..latent.perceptual import PerceptualLoss, relative_weights
from ..latent.targets import ReconstructionLoss, TargetCache
from .config import GlicoConfig
from .sample import Sample
from .schedule import Schedule, schedule

BATCH = 100  # images that are reconstructed at a time


def build(config: GlicoConfig, sample: Sample) -> GLICO:
    """The compiled model with fresh weights, a function of the sample's seed."""
    seed_everything(sample.seed)
    noise_dim = 0 if config.no_noise else config.noise_dim
    concatenated = noise_dim if config.noise == "concatenated" else 0
    loss = reconstruction_loss(config, sample.labelled.images)
    model = GLICO(
        Codes(initial_codes(config, sample), config.code_lr),
        dcgan_generator(config.latent_dim + concatenated, sample.dataset.image_shape),
        weak_classifier(config, sample),
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


def weak_classifier(config: GlicoConfig, sample: Sample) -> keras.Model | None:
    """The classifier f of algorithm 1, on images or on codes."""
    if config.no_classifier:
        return None
    if config.classifier_space == "latent":
        return latent_classifier(config.latent_dim, sample.dataset.n_classes)
    return classifier(config.weak_classifier, sample.labelled.images, sample.dataset.n_classes)


def reconstruction_loss(config: GlicoConfig, images: np.ndarray) -> ReconstructionLoss:
    """images: the labelled ones, uint8, on which the taps' sizes are measured."""
    if config.perceptual == "laplacian":
        return LaplacianLoss()
    features = vgg_features(images.shape[1:], config.taps, config.vgg_weights or "imagenet")
    weights = relative_weights(features, images, config.tap_weights)
    return PerceptualLoss(features, weights, config.pixel_weight)


def initial_codes(config: GlicoConfig, sample: Sample) -> np.ndarray:
    """Where the codes of the sample's images start: float32, (n, latent_dim)."""
    if config.init == "hypercube":
        return hypercube_codes(sample.labels, config.latent_dim, sample.seed)
    if config.init == "resnet":
        network = application("resnet-50", sample.dataset.image_shape, pretrained=True)
        return feature_codes(network, sample.images, config.latent_dim, sample.seed)
    return random_codes(len(sample.labels), config.latent_dim, sample.seed)


def optimize(model: GLICO, config: GlicoConfig, sample: Sample, folder: Path) -> list[dict[str, float]]:
    """Trains the model from the folder's last checkpoint on, and returns the metrics of every epoch."""
    plan = generator_schedule(config, sample)
    return train(
        model,
        lambda start: batches(config, sample, start),
        plan.epochs,
        plan.steps_per_epoch,
        checkpoints=folder / "checkpoints" / "generator",
        logs=folder / "logs" / "generator",
        description=f"optimizing {len(sample.images)} codes and the generator",
        callbacks=[Stopwatch(folder / "generator-seconds.json")],
    )


def generator_schedule(config: GlicoConfig, sample: Sample) -> Schedule:
    """A pass goes over the labelled images, oversampled as the classifier's are, and over the unlabelled ones."""
    images = images_per_epoch(config, sample) + len(sample.unlabelled)
    return schedule(images, config.generator_epochs, batch_size(config, sample), config.budget or 1.0)


def images_per_epoch(config: GlicoConfig, sample: Sample) -> int:
    """Labelled images that an epoch shows: as many as the whole training set holds, unless the option says other."""
    return config.epoch_images or len(sample.dataset.train.labels)


def batches(config: GlicoConfig, sample: Sample, start: int) -> tf.data.Dataset:
    """Batches of labelled images; where there are others, of both in the proportion that a pass shows them in."""
    size = batch_size(config, sample)
    if not len(sample.unlabelled):
        return labelled_batches(sample.labels, size, sample.seed, start)
    return mixed_batches(sample.labels, sample.n_labelled, labelled_per_batch(config, sample), size, sample.seed, start)


def labelled_per_batch(config: GlicoConfig, sample: Sample) -> int:
    """So many that the proportion is that of a pass, and no unlabelled image comes twice in a batch."""
    size = batch_size(config, sample)
    labelled = images_per_epoch(config, sample)
    share = labelled / (labelled + len(sample.unlabelled))
    fewest = max(size - len(sample.unlabelled), 1)
    most = size - bool(len(sample.unlabelled))
    return min(max(round(share * size), fewest), most)


def batch_size(config: GlicoConfig, sample: Sample) -> int:
    return min(config.generator_batch_size or 128, sample.n_labelled)


def reconstructions(model: GLICO, n: int, seed: int) -> np.ndarray:
    """The first n images as the model makes them from their codes: float32 in [0, 1], (n, height, width, channels)."""
    parts = []
    for first in range(0, n, BATCH):
        codes = model.codes(tf.range(first, min(first + BATCH, n)))
        parts.append(model.generate(codes, tf.constant([seed, first])).numpy())
    return np.concatenate(parts)


def psnr(images: np.ndarray, reconstructed: np.ndarray) -> float:
    """Peak signal-to-noise ratio in decibels, mean over the images, uint8 against float32 in [0, 1]."""
    return float(tf.reduce_mean(tf.image.psnr(images.astype(np.float32) / 255.0, reconstructed, max_val=1.0)))
