"""Trains and scores one classifier: a row of the tables on one sample (Azuri and Weinshall 2020, section IV)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import keras
import tensorflow as tf

from ..datasets.classification import ClassificationDataset
from ..datasets.dataset import Split
from ..experiment.training import seed_everything, train
from ..models.classifiers import classifier
from .augmentation import cutout, random_erasing, standard_augmentation
from .autoaugment import AutoAugment
from .classifier import MixedClassifier, sgd
from .config import GlicoConfig
from .interpolation import lerp, slerp
from .latent_optimization import images_per_pass
from .model import GLICO
from .sample import Sample
from .sampling import LatentSampler
from .schedule import Schedule, schedule
from .streams import labelled_batches

TEST_BATCH = 250
MIXUP_ALPHA = 1.0  # as Zhang et al. on CIFAR, https://arxiv.org/abs/1710.09412, section 3.2


def train_classifier(
    config: GlicoConfig,
    dataset: ClassificationDataset,
    sample: Sample,
    method: str,
    sampler: LatentSampler | None,
    seed: int,
    folder: Path,
    callbacks: Sequence[keras.callbacks.Callback] = (),
) -> tuple[MixedClassifier, list[dict[str, float]], Schedule]:
    """The trained classifier, its curves and its schedule; continues from checkpoints under the folder if there are."""
    plan = classifier_schedule(config, dataset, sample)
    model = build(config, dataset, sample, method, sampler, seed, plan.steps)
    labels = sample.labelled.labels
    history = train(
        model,
        lambda start: labelled_batches(labels, batch_size(config, sample), seed, start),
        plan.epochs,
        plan.steps_per_epoch,
        checkpoints=folder / "checkpoints" / method,
        logs=folder / "logs" / method,
        description=f"classifier {method}",
        callbacks=callbacks,
    )
    return model, history, plan


def build(
    config: GlicoConfig,
    dataset: ClassificationDataset,
    sample: Sample,
    method: str,
    sampler: LatentSampler | None,
    seed: int,
    steps: int,
) -> MixedClassifier:
    """The compiled classifier with fresh weights, which are a function of the seed and the same for every method."""
    seed_everything(seed)
    images = sample.labelled.images
    network = classifier(config.classifier or "", images, dataset.n_classes, dataset.crop, config.pretrained)
    parts = method.split("+")
    model = MixedClassifier(
        network,
        images,
        augmentation(parts, dataset, seed),
        sampler,
        config.p,
        keras.layers.MixUp(MIXUP_ALPHA, seed=seed) if "mixup" in parts else None,
        config.loss,
        config.weight_decay,
        seed,
    )
    drops = [epoch / config.epochs for epoch in config.drops]
    model.compile(sgd(steps, config.lr or 0.1, config.momentum, drops, config.drop_factor))
    return model


def augmentation(parts: Sequence[str], dataset: ClassificationDataset, seed: int) -> keras.Sequential:
    """The standard augmentation, and after it those that the method's name asks for."""
    shape = dataset.image_shape
    layers = [standard_augmentation(shape, dataset.mirrored, dataset.crop, seed)]
    layers += [AutoAugment(seed)] * ("autoaugment" in parts)
    layers += [cutout(shape, seed)] * ("cutout" in parts)
    layers += [random_erasing(seed)] * ("random-erasing" in parts)
    return keras.Sequential([keras.Input(shape), *layers], name="augmentation")


def latent_sampler(config: GlicoConfig, model: GLICO, sample: Sample) -> LatentSampler:
    interpolate = {"slerp": slerp, "lerp": lerp}[config.interpolation]
    return LatentSampler(model, sample.labels, config.ratios, interpolate)


def classifier_schedule(config: GlicoConfig, dataset: ClassificationDataset, sample: Sample) -> Schedule:
    images = images_per_pass(config, dataset, sample)
    return schedule(images, config.epochs, batch_size(config, sample), config.budget or 1.0)


def batch_size(config: GlicoConfig, sample: Sample) -> int:
    return min(config.batch_size or 128, len(sample.labelled.labels))


def score(model: MixedClassifier, test: Split) -> dict[str, float]:
    """`top1` and `top5` in percent."""
    images = tf.data.Dataset.from_tensor_slices((test.images, test.labels)).batch(TEST_BATCH)
    scaled = images.map(lambda x, y: (tf.cast(x, tf.float32) / 255.0, y))
    result = model.evaluate(scaled, verbose=0, return_dict=True)
    return {name: result[name] for name in ("top1", "top5")}
