"""What an option or a row's name becomes: the sampler of new images, and the classifier with what it learns from."""

import dataclasses

import keras
import numpy as np
import pytest
import tensorflow as tf
from conftest import blob_split
from keras.layers import RandomErasing
from made_codes import BareCodes, unit_vectors

from latentshot.datasets import Dataset
from latentshot.glico.classify.augmentation import Cutout
from latentshot.glico.classify.autoaugment import AutoAugment
from latentshot.glico.classify.mixmatch import MixMatchClassifier
from latentshot.glico.experiment.build_classifier import build_classifier
from latentshot.glico.experiment.build_sample import draw_sample
from latentshot.glico.experiment.build_sampler import build_sampler
from latentshot.glico.experiment.config import GlicoConfig
from latentshot.glico.experiment.defaults import resolved
from latentshot.glico.latent.sampling import LatentSampler

PER_CLASS, UNLABELLED = 2, 5
DATASET = Dataset("made", {"train": blob_split(3), "test": blob_split(3, seed=1)})


def config_of(row, **options):
    unlabelled = UNLABELLED if {"pseudo-labels", "mixmatch"} & set(row.split("+")) else 0
    options = {"classifier": "weak-cnn", "steps": 40, "unlabelled": unlabelled, **options}
    return resolved(GlicoConfig("folder:made", compare=(row,), **options))


def built(row, sampler=None, dataset=DATASET, **options):
    config = config_of(row, **options)
    return build_classifier(config, draw_sample(config, dataset, PER_CLASS, seed=0), row, sampler)


def black(indices, seed):
    return tf.zeros((len(indices), 8, 8, 1))


@pytest.mark.parametrize("interpolation", ["slerp", "lerp"])
def test_new_images_lie_at_the_ratios_and_on_the_path_of_the_options(interpolation):
    config = config_of("glico", ratios=(0.3,), interpolation=interpolation)
    codes = unit_vectors(6, 4)
    sample = draw_sample(config, DATASET, PER_CLASS, seed=0)
    made = build_sampler(config, BareCodes(codes), sample, "glico")(tf.range(6), tf.constant([0, 1]))
    partners = codes[[1, 0, 3, 2, 5, 4]]  # of two images a class
    angles = np.arccos((codes * partners).sum(axis=1, keepdims=True))
    between = {
        "lerp": 0.7 * codes + 0.3 * partners,
        "slerp": (np.sin(0.7 * angles) * codes + np.sin(0.3 * angles) * partners) / np.sin(angles),
    }
    np.testing.assert_allclose(made, between[interpolation], atol=1e-5)


@pytest.mark.parametrize("p", [0.0, 0.25, 1.0])
def test_a_row_with_a_sampler_is_shown_its_images_with_the_probability_of_the_options(p):
    model = built("glico", black, p=p).model
    shown = model.mixed(tf.tile(tf.range(6), [200]))
    replaced = tf.reduce_all(shown == 0, axis=[1, 2, 3])
    assert np.mean(replaced) == pytest.approx(p, abs=0.05)  # of 1,200 images: four standard deviations


def test_the_baseline_is_shown_its_own_images_alone():
    training = built("baseline", p=1.0)
    images = training.sample.labelled.images
    np.testing.assert_allclose(training.model.mixed(tf.range(6)), images / np.float32(255), rtol=1e-6)


@pytest.mark.parametrize(
    ("row", "augmentations", "blends"),
    [
        ("baseline", [], False),
        ("glico", [], False),
        ("cutout", [Cutout], False),
        ("glico+random-erasing", [RandomErasing], False),
        ("mixup+autoaugment", [AutoAugment], True),
        ("cutout+mixup+glico", [Cutout], True),
        ("mixmatch+cutout", [Cutout], False),
    ],
)
def test_a_row_is_augmented_and_blended_as_its_name_says(row, augmentations, blends):
    model = built(row, black if "glico" in row else None).model
    assert [type(layer) for layer in model.augmentation.layers[1:]] == augmentations
    assert (model.mixup is not None) == blends
    if blends:
        images, labels = tf.zeros((6, 8, 8, 1)), tf.one_hot(tf.range(6) // 2, 3)
        blended = model.mixup({"images": images, "labels": labels}, training=True)["labels"]
        np.testing.assert_allclose(tf.reduce_sum(blended, axis=1), 1.0, rtol=1e-5)
        assert np.max(blended, axis=1).min() < 0.95


@pytest.mark.parametrize(
    ("options", "rates"),
    [
        ({"decay": "cosine"}, [0.3, 0.15 * (1 + 0.5**0.5), 0.15, 0.0]),
        ({"decay": "drops", "epochs": 80, "drops": (30, 60), "drop_factor": 0.1}, [0.3, 0.3, 0.03, 0.003]),
    ],
)
def test_the_learning_rate_falls_as_the_options_say(options, rates):
    training = built("baseline", lr=0.3, momentum=0.7, weight_decay=0.02, **options)
    optimizer, steps = training.model.optimizer, training.schedule.steps
    assert steps == 40
    assert (optimizer.momentum, training.model.weight_decay) == (0.7, 0.02)
    found = []
    for step in (0, 10, 20, 40):
        optimizer.iterations.assign(step)
        found.append(float(optimizer.learning_rate))
    np.testing.assert_allclose(found, rates, atol=1e-7)


def test_a_dataset_with_a_crop_is_classified_by_the_centre_of_its_images():
    network = built("baseline", dataset=dataclasses.replace(DATASET, crop=4)).model.network
    images = np.random.default_rng(0).random((3, 8, 8, 1), np.float32)
    elsewhere = np.random.default_rng(1).random((3, 8, 8, 1), np.float32)
    elsewhere[:, 2:6, 2:6] = images[:, 2:6, 2:6]
    np.testing.assert_array_equal(network(elsewhere), network(images))
    elsewhere[:, 2] = 0
    assert (network(elsewhere) != network(images)).numpy().any()


def test_mixmatch_guesses_labels_of_all_images_by_the_weight_of_the_options():
    training = built("mixmatch", guess_weight=33.0, weight_decay=0.02)
    model, sample = training.model, training.sample
    assert isinstance(model, MixMatchClassifier)
    assert len(sample.images) == 3 * PER_CLASS + UNLABELLED
    np.testing.assert_array_equal(model.unlabelled, sample.images)
    np.testing.assert_array_equal(model.images, sample.labelled.images)
    assert model.guess_weight == 33.0
    assert model.weight_decay == 0.0  # Adam's own takes its place
    assert isinstance(model.optimizer, keras.optimizers.Adam)


def test_only_a_row_with_pseudo_labels_is_trained_on_the_images_that_got_one():
    config = config_of("glico+pseudo-labels")
    sample = draw_sample(config, DATASET, PER_CLASS, seed=0)
    labels = sample.labels.copy()
    labels[[6, 8, 10]] = [2, 0, 1]
    sampler = LatentSampler(BareCodes(unit_vectors(11, 4)), labels)
    guessing, usual = (build_classifier(config, sample, row, sampler) for row in ("glico+pseudo-labels", "glico"))
    np.testing.assert_array_equal(guessing.labels, labels)
    np.testing.assert_array_equal(guessing.model.images, sample.images)
    np.testing.assert_array_equal(usual.labels, sample.labelled.labels)
    np.testing.assert_array_equal(usual.model.images, sample.labelled.images)
