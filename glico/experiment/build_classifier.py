"""The classifier that a configuration and a row's name describe, for one sample."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import keras
import numpy as np

from ...datasets import Dataset
from ...models.classifiers import classifier
from ...training.determinism import seed_everything
from ..classify.augmentation import cutout, random_erasing, standard_augmentation
from ..classify.autoaugment import AutoAugment
from ..classify.classifier import MixedClassifier, sgd
from ..classify.mixmatch import MixMatchClassifier
from .build_generative import images_per_epoch
from .build_sampler import Sampler
from .classifier_training import ClassifierTraining
from .config import GlicoConfig
from .methods import uses
from .sample import Sample
from .schedule import Schedule, in_parts, steps_of

RATE = 0.5  # of the images that an augmentation changes, section IV-B
PAPERS_STEPS = 78_125  # 200 epochs of 50,000 images, 128 a step (section IV-C), which a budget of 1 has on CIFAR
# MixMatch's decay of averaged weights and the steps of its ramp (its section 4 and appendix B), for so many steps; and
# Adam's learning rate and weight decay in its authors' code, https://github.com/google-research/mixmatch
MIXMATCH_EMA, MIXMATCH_RAMP = 0.999, 16_000
MIXMATCH_LR, MIXMATCH_DECAY = 0.002, 0.02
MIXUP_ALPHA = 1.0  # as Zhang et al. on CIFAR, https://arxiv.org/abs/1710.09412, section 3.2


def build_classifier(config: GlicoConfig, sample: Sample, method: str, sampler: Sampler | None) -> ClassifierTraining:
    """The compiled classifier with fresh weights, a function of the sample's seed and the same for every method."""
    assert config.classifier is not None, "resolve the config first"
    assert config.weight_decay is not None, "resolve the config first"
    labels = np.asarray(sampler.labels) if sampler and uses(method, "pseudo-labels") else sample.labelled.labels
    seed_everything(sample.seed)
    dataset, images, parts = sample.dataset, sample.labelled.images, method.split("+")
    plan = classifier_schedule(config, sample)
    kind: Callable[..., MixedClassifier] = MixedClassifier
    if "mixmatch" in parts:
        ramp = round(MIXMATCH_RAMP * plan.steps / PAPERS_STEPS)
        kind = partial(MixMatchClassifier, unlabelled=sample.images, guess_weight=config.guess_weight, ramp_steps=ramp)
    model = kind(
        classifier(config.classifier, images, dataset.n_classes, dataset.crop, config.pretrained),
        sample.images[: len(labels)],
        augmentation(parts, dataset, images, sample.seed),
        sampler,
        config.p,
        keras.layers.MixUp(MIXUP_ALPHA, seed=sample.seed, dtype="float32") if "mixup" in parts else None,
        "cosine" if "cosine" in parts else "cross-entropy",
        0.0 if "mixmatch" in parts else config.weight_decay,
        sample.seed,
    )
    model.compile(_adam(model, plan) if "mixmatch" in parts else _sgd(config, plan))
    return ClassifierTraining(model, sample, labels, method, plan, classifier_batch_size(config, sample))


def _sgd(config: GlicoConfig, plan: Schedule) -> keras.Optimizer:
    assert config.epochs is not None, "resolve the config first"
    assert config.lr is not None, "resolve the config first"
    drops = None if config.decay == "cosine" else [epoch / config.epochs for epoch in config.drops]
    return sgd(plan.steps, config.lr, config.momentum, drops, config.drop_factor)


def _adam(model: MixedClassifier, plan: Schedule) -> keras.Optimizer:
    """MixMatch's own: its weight of guesses is for steps whose length does not depend on the loss's scale. With SGD,
    whose steps would be as many times longer, networks ended in one answer for all photographs.
    """
    average = {"use_ema": True, "ema_momentum": MIXMATCH_EMA ** (PAPERS_STEPS / plan.steps)}
    optimizer = keras.optimizers.Adam(MIXMATCH_LR, weight_decay=MIXMATCH_DECAY, **average)
    optimizer.exclude_from_weight_decay([weight for weight in model.trainable_variables if len(weight.shape) < 2])
    return optimizer


def classifier_schedule(config: GlicoConfig, sample: Sample) -> Schedule:
    return in_parts(classifier_steps(config, sample))


def classifier_steps(config: GlicoConfig, sample: Sample) -> int:
    """As they are asked for; the schedule may have less than a part more."""
    if config.steps:
        return config.steps
    assert config.epochs is not None, "resolve the config first"
    assert config.budget is not None, "resolve the config first"
    images = images_per_epoch(config, sample)
    return steps_of(images, config.epochs, classifier_batch_size(config, sample), config.budget)


def classifier_batch_size(config: GlicoConfig, sample: Sample) -> int:
    assert config.batch_size is not None, "resolve the config first"
    return min(config.batch_size, sample.n_labelled)


def augmentation(parts: Sequence[str], dataset: Dataset, images: np.ndarray, seed: int) -> keras.Sequential:
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
