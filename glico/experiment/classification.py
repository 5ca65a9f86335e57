"""Trains and scores one classifier: a row of the tables on one sample (Azuri and Weinshall 2020, section IV)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from ...datasets.classification import ClassificationDataset
from ...datasets.dataset import Split
from ...datasets.labelled_batches import labelled_batches
from ...models.classifiers import classifier
from ...training.determinism import seed_everything
from ...training.fit import train
from ...training.stopwatch import Stopwatch
from ..classify.augmentation import cutout, random_erasing, standard_augmentation
from ..classify.autoaugment import AutoAugment
from ..classify.classifier import MixedClassifier, choices, sgd
from ..latent.interpolation import lerp, slerp
from ..latent.model import GLICO
from ..latent.sampling import LatentSampler
from .config import GlicoConfig
from .latent_optimization import images_per_epoch
from .sample import Sample
from .schedule import Schedule, schedule

TEST_BATCH = 250
RATE = 0.5  # of the images that an augmentation changes, section IV-B
MIXUP_ALPHA = 1.0  # as Zhang et al. on CIFAR, https://arxiv.org/abs/1710.09412, section 3.2


def train_classifier(
    config: GlicoConfig, sample: Sample, method: str, sampler: LatentSampler | None, folder: Path
) -> tuple[MixedClassifier, list[dict[str, float]]]:
    """The trained classifier and its metrics after every epoch; continues from the folder's last checkpoint."""
    plan = classifier_schedule(config, sample)
    model = build(config, sample, method, sampler)
    history = train(
        model,
        lambda start: labelled_batches(sample.labelled.labels, batch_size(config, sample), sample.seed, start),
        plan.epochs,
        plan.steps_per_epoch,
        checkpoints=folder / "checkpoints" / method,
        logs=folder / "logs" / method,
        description=f"classifier {method}",
        callbacks=[Stopwatch(folder / f"{method}-seconds.json")],
    )
    return model, history


def build(config: GlicoConfig, sample: Sample, method: str, sampler: LatentSampler | None) -> MixedClassifier:
    """The compiled classifier with fresh weights, a function of the sample's seed and the same for every method."""
    seed_everything(sample.seed)
    dataset, images, parts = sample.dataset, sample.labelled.images, method.split("+")
    model = MixedClassifier(
        classifier(config.classifier or "", images, dataset.n_classes, dataset.crop, config.pretrained),
        images,
        augmentation(parts, dataset, images, sample.seed),
        sampler,
        config.p,
        keras.layers.MixUp(MIXUP_ALPHA, seed=sample.seed, dtype="float32") if "mixup" in parts else None,
        config.loss,
        config.weight_decay,
        sample.seed,
    )
    drops = [epoch / config.epochs for epoch in config.drops]
    steps = classifier_schedule(config, sample).steps
    model.compile(sgd(steps, config.lr or 0.1, config.momentum, drops, config.drop_factor))
    return model


def augmentation(
    parts: Sequence[str], dataset: ClassificationDataset, images: np.ndarray, seed: int
) -> keras.Sequential:
    """The standard augmentation, and after it those that the method's name asks for.

    As GLICO's images do, theirs take the place of half of a batch (section IV-B). images: the labelled ones, uint8.
    """
    shape = dataset.image_shape
    mean = (images.mean(axis=(0, 1, 2)) / 255.0).tolist()
    layers = [standard_augmentation(shape, dataset.mirrored, dataset.crop, seed)]
    layers += [AutoAugment(rate=RATE, seed=seed)] * ("autoaugment" in parts)
    layers += [cutout(shape, mean, rate=RATE, seed=seed)] * ("cutout" in parts)
    layers += [random_erasing(rate=RATE, seed=seed)] * ("random-erasing" in parts)
    return keras.Sequential([keras.Input(shape), *layers], name="augmentation")


def latent_sampler(config: GlicoConfig, model: GLICO, sample: Sample) -> LatentSampler:
    interpolate = {"slerp": slerp, "lerp": lerp}[config.interpolation]
    return LatentSampler(model, sample.labels, config.ratios, interpolate)


def classifier_schedule(config: GlicoConfig, sample: Sample) -> Schedule:
    images = images_per_epoch(config, sample)
    return schedule(images, config.epochs, batch_size(config, sample), config.budget or 1.0)


def batch_size(config: GlicoConfig, sample: Sample) -> int:
    return min(config.batch_size or 128, sample.n_labelled)


def score(model: MixedClassifier, test: Split) -> dict[str, float]:
    """`top1` and `top5` in percent, computed on one device: the test images need not be shared evenly by several."""

    @tf.function(autograph=False)
    def right(images: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
        return choices(labels, model(tf.cast(images, tf.float32) / 255.0, training=False))

    batches = tf.data.Dataset.from_tensor_slices((test.images, test.labels)).batch(TEST_BATCH)
    found = np.concatenate([right(*batch).numpy() for batch in batches])  # (n, 5)
    return {"top1": 100.0 * float(found[:, 0].mean()), "top5": 100.0 * float(found.sum(axis=1).mean())}
