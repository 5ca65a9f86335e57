"""Builds and trains the generative model of one sample (Azuri and Weinshall 2020, section III)."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from ..datasets.cache import cache_folder
from ..datasets.classification import ClassificationDataset
from ..experiment.files import write_json
from ..experiment.stopwatch import Stopwatch
from ..experiment.training import seed_everything, train
from ..models.applications import application
from ..models.dcgan import dcgan_generator
from ..models.latent_classifier import latent_classifier
from ..models.vgg import vgg_features
from ..models.weak_cnn import weak_cnn
from .codes import Codes
from .config import GlicoConfig
from .initial_codes import feature_codes, hypercube_codes, random_codes
from .laplacian import LaplacianLoss
from .model import GLICO
from .perceptual import PerceptualLoss, relative_weights
from .sample import Sample
from .schedule import Schedule, schedule
from .streams import labelled_batches, mixed_batches
from .targets import ReconstructionLoss, TargetCache

BATCH = 100  # images that are reconstructed at a time for the PSNR
RECIPE = 1  # rises with every change of this folder that changes what is trained: kept models of before do not count


@dataclass(frozen=True)
class Optimized:
    """A trained generative model, its metrics after every epoch, and how many seconds it took."""

    model: GLICO
    history: list[dict[str, float]]
    seconds: float


def optimize(config: GlicoConfig, dataset: ClassificationDataset, sample: Sample, seed: int, folder: Path) -> Optimized:
    """The model of that configuration and sample: from the cache, or trained from the folder's last checkpoint on.

    Options of sampling and of the classifiers do not change it, so runs that differ in those share it.
    """
    model = build(config, sample, seed)
    plan = generator_schedule(config, dataset, sample)
    weights = cache_folder() / "glico" / f"{_fingerprint(config, plan, sample, seed)}.weights.h5"
    record = weights.with_suffix(".json")
    if weights.exists() and record.exists():
        print(f"generative model: {weights}")
        model.load_weights(weights)
        return Optimized(model, **json.loads(record.read_text(encoding="utf-8")))
    stopwatch = Stopwatch(folder / "generator-seconds.json")
    history = _train(model, config, dataset, sample, plan, seed, folder, stopwatch)
    weights.parent.mkdir(parents=True, exist_ok=True)
    part = weights.with_name(f"{os.getpid()}.part.weights.h5")
    model.save_weights(part)
    os.replace(part, weights)
    write_json(record, {"history": history, "seconds": stopwatch.seconds})
    return Optimized(model, history, stopwatch.seconds)


def _train(
    model: GLICO,
    config: GlicoConfig,
    dataset: ClassificationDataset,
    sample: Sample,
    plan: Schedule,
    seed: int,
    folder: Path,
    stopwatch: Stopwatch,
) -> list[dict[str, float]]:
    return train(
        model,
        lambda start: batches(config, dataset, sample, seed, start),
        plan.epochs,
        plan.steps_per_epoch,
        checkpoints=folder / "checkpoints" / "generator",
        logs=folder / "logs" / "generator",
        description=f"optimizing {len(sample.images)} codes and the generator",
        callbacks=[stopwatch],
    )


def _fingerprint(config: GlicoConfig, plan: Schedule, sample: Sample, seed: int) -> str:
    """Sixteen digits of what decides the model's weights: the images, the schedule, and these options."""
    names = ["generator_lr", "code_lr", "latent_dim", "noise_dim", "sigma", "noise", "no_noise", "gamma", "init"]
    names += ["no_classifier", "classifier_space", "perceptual", "taps", "tap_weights", "pixel_weight"]
    names += ["generator_batch_size", "mixed_precision"]
    options: dict[str, Any] = {name: getattr(config, name) for name in names}
    options |= {"recipe": RECIPE, "seed": seed, "schedule": asdict(plan)}
    digest = hashlib.sha256(json.dumps(options, sort_keys=True).encode())
    for array in (sample.images, sample.labels):
        digest.update(array.tobytes())
    if config.vgg_weights and config.perceptual == "vgg16":
        digest.update(config.vgg_weights.read_bytes())
    return digest.hexdigest()[:16]


def build(config: GlicoConfig, sample: Sample, seed: int) -> GLICO:
    """The compiled model with fresh weights, a function of the seed."""
    seed_everything(seed)
    images = sample.images
    image_shape, n_classes = images.shape[1:], len(sample.labelled.class_names)
    noise_dim = 0 if config.no_noise else config.noise_dim
    concatenated = noise_dim if config.noise == "concatenated" else 0
    loss = reconstruction_loss(config, image_shape, sample.labelled.images)
    classifier = None
    if not config.no_classifier:
        in_space = config.classifier_space == "latent"
        classifier = latent_classifier(config.latent_dim, n_classes) if in_space else weak_cnn(image_shape, n_classes)
    model = GLICO(
        Codes(initial_codes(config, sample, seed), config.code_lr),
        dcgan_generator(config.latent_dim + concatenated, image_shape),
        classifier,
        loss,
        TargetCache(loss, images),
        gamma=config.gamma or 0.0,
        noise_dim=noise_dim,
        sigma=0.0 if config.no_noise else config.sigma,
        noise=config.noise,
        classifier_space=config.classifier_space,
        seed=seed,
    )
    model.compile(keras.optimizers.Adam(config.generator_lr))
    return model


def reconstruction_loss(
    config: GlicoConfig, image_shape: tuple[int, int, int], images: np.ndarray
) -> ReconstructionLoss:
    """images: the labelled ones, on which the taps' sizes are measured."""
    if config.perceptual == "laplacian":
        return LaplacianLoss()
    features = vgg_features(image_shape, config.taps, config.vgg_weights or "imagenet")
    weights = config.tap_weights or relative_weights(features, images)
    return PerceptualLoss(features, weights, config.pixel_weight)


def initial_codes(config: GlicoConfig, sample: Sample, seed: int) -> np.ndarray:
    """Where the codes of the sample's images start: float32, (n, latent_dim)."""
    if config.init == "hypercube":
        return hypercube_codes(sample.labels, config.latent_dim, seed)
    if config.init == "resnet":
        return feature_codes(
            application("resnet-50", sample.images.shape[1:], pretrained=True), sample.images, config.latent_dim, seed
        )
    return random_codes(len(sample.labels), config.latent_dim, seed)


def generator_schedule(config: GlicoConfig, dataset: ClassificationDataset, sample: Sample) -> Schedule:
    """A pass goes over the labelled images, oversampled as the classifier's are, and over the unlabelled ones."""
    images = images_per_pass(config, dataset, sample) + len(sample.unlabelled)
    return schedule(images, config.generator_epochs, _batch_size(config, sample), config.budget or 1.0)


def images_per_pass(config: GlicoConfig, dataset: ClassificationDataset, sample: Sample) -> int:
    """Labelled images that an epoch shows: as many as the whole training set holds, by the oversampling rule."""
    return len(sample.labelled.labels) if config.no_oversampling else len(dataset.train.labels)


def batches(
    config: GlicoConfig, dataset: ClassificationDataset, sample: Sample, seed: int, start: int
) -> tf.data.Dataset:
    """Batches of labelled images; where there are others, of both in the proportion that a pass shows them in."""
    batch_size, n_labelled = _batch_size(config, sample), len(sample.labelled.labels)
    if not len(sample.unlabelled):
        return labelled_batches(sample.labels, batch_size, seed, start)
    labelled = images_per_pass(config, dataset, sample)
    share = labelled / (labelled + len(sample.unlabelled))
    fewest = batch_size - min(batch_size - 1, len(sample.unlabelled))  # no unlabelled image twice in a batch
    per_batch = min(max(round(share * batch_size), fewest, 1), batch_size - 1, n_labelled)
    return mixed_batches(sample.labels, n_labelled, per_batch, batch_size, seed, start)


def _batch_size(config: GlicoConfig, sample: Sample) -> int:
    return min(config.generator_batch_size or 128, len(sample.labelled.labels))


def reconstructions(model: GLICO, n: int, seed: int) -> np.ndarray:
    """The first n images as the model makes them from their codes: float32 in [0, 1], (n, height, width, channels)."""
    parts = []
    for first in range(0, n, BATCH):
        codes = model.codes(tf.range(first, min(first + BATCH, n)))
        parts.append(model.generate(codes, tf.constant([seed, first])).numpy())
    return np.concatenate(parts)


def psnr(model: GLICO, sample: Sample, seed: int) -> float:
    """Peak signal-to-noise ratio of the reconstructed labelled images, in decibels, mean over the images."""
    images = sample.labelled.images.astype(np.float32) / 255.0
    ours = reconstructions(model, len(images), seed)
    return float(tf.reduce_mean(tf.image.psnr(ours, images, max_val=1.0)))
