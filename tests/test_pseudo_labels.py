"""Pseudo-labels in closed form: which images get one, and what they then take part in."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from made_codes import unit_vectors

from latentshot.datasets.labelled_batches import labelled_batches
from latentshot.glico.experiment.config import GlicoConfig
from latentshot.glico.latent.codes import Codes
from latentshot.glico.latent.laplacian import LaplacianLoss
from latentshot.glico.latent.model import GLICO
from latentshot.glico.latent.pseudo_labels import guessed, pseudo_labels
from latentshot.glico.latent.sampling import LatentSampler
from latentshot.models.dcgan import dcgan_generator

N, DIM, SHAPE = 250, 4, (8, 8, 1)
LABELS = np.r_[0, 1, 2, np.full(N - 3, -1)].astype(np.int32)


@pytest.fixture(params=["image", "latent"])
def model(request):
    """Untrained, with a weak classifier that is one large matrix."""
    keras.utils.set_random_seed(0)
    shape = SHAPE if request.param == "image" else (DIM,)
    head = keras.layers.Dense(3, kernel_initializer=keras.initializers.RandomNormal(stddev=3.0))
    judge = keras.Sequential([keras.Input(shape), keras.layers.Flatten(), head])
    generator = dcgan_generator(DIM + 2, SHAPE, filters=4)
    codes, loss = Codes(unit_vectors(N, DIM)), LaplacianLoss()
    return GLICO(codes, generator, judge, loss, lambda _: [], noise_dim=2, classifier_space=request.param)


def test_a_guess_is_the_likeliest_class_where_it_is_likely_enough():
    chances = np.array([[0.05, 0.95], [0.94, 0.06], [0.5, 0.5], [1.0, 0.0]])
    assert guessed(chances, 0.95).tolist() == [1, -1, -1, 0]
    assert guessed(chances, 0.0).tolist() == [1, 0, 0, 0]


def test_images_without_labels_get_those_of_the_classifier_on_what_their_codes_show_without_noise(model):
    seen = model.codes.table.numpy()
    if model.classifier_space == "image":
        inputs = np.concatenate([seen, np.zeros((N, 2), np.float32)], axis=1)
        seen = model.generator(inputs, training=False).numpy()
    kernel, bias = (weight.numpy().astype(np.float64) for weight in model.classifier.trainable_variables)
    powers = np.exp(seen.reshape(N, -1) @ kernel + bias)
    chances = powers / powers.sum(axis=1, keepdims=True)
    confidence = float(np.median(chances[3:].max(axis=1)))
    expected = np.where(chances.max(axis=1) > confidence, chances.argmax(axis=1), -1)
    found = pseudo_labels(model, LABELS, confidence + 1e-4)
    assert found[:3].tolist() == [0, 1, 2]
    unclear = np.abs(chances.max(axis=1) - confidence) < 1e-3
    np.testing.assert_array_equal(found[3:][~unclear[3:]], expected[3:][~unclear[3:]])
    assert 0.4 < (found[3:] >= 0).mean() < 0.6


def test_images_with_a_pseudo_label_are_trained_on_and_are_partners_in_their_class(model):
    labels = pseudo_labels(model, LABELS, 0.8)
    batches = labelled_batches(labels, 10, seed=0).take(100)
    pairs = {(int(i), int(label)) for batch in batches for i, label in zip(batch["index"], batch["label"], strict=True)}
    assert pairs == {(i, int(labels[i])) for i in np.flatnonzero(labels >= 0)}
    sampler = LatentSampler(model, labels)
    partners = np.concatenate([sampler.partners(tf.range(N), tf.constant([0, step])).numpy() for step in range(20)])
    of = np.tile(np.arange(N), 20)
    np.testing.assert_array_equal(labels[partners], labels[of])
    assert (partners[labels[of] >= 0] >= 3).any()
    assert (partners[labels[of] < 0] == of[labels[of] < 0]).all()  # alone without a label


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"compare": ("glico+pseudo-labels",)}, r"give --unlabelled N, or --transductive"),
        ({"compare": ("pseudo-labels",), "unlabelled": 5}, r"come from GLICO's weak classifier, write glico\+pseudo"),
        ({"compare": ("dcgan+pseudo-labels",), "unlabelled": 5}, r"weak classifier, write glico\+pseudo-labels$"),
        ({"compare": ("glico+pseudo-labels",), "unlabelled": 5, "no_classifier": True}, "leave out no_classifier"),
        ({"compare": ("glico+pseudo-labels",), "unlabelled": 5, "confidence": 1.5}, "confidence is 1.5"),
        ({"compare": ("glico",), "unlabelled": 5, "confidence": 0.5}, r"confidence is for --compare glico\+pseudo"),
    ],
)
def test_pseudo_labels_that_cannot_be_are_told(options, message):
    with pytest.raises(ValueError, match=message):
        GlicoConfig(**options)


def test_a_class_without_images_is_none_to_sample_from(model):
    sampler = LatentSampler(model, np.where(np.arange(N) < 2, 0, 2).astype(np.int32))
    assert sampler.of_classes(tf.constant([0, 2]), tf.constant([0, 1])).shape == (2, *SHAPE)
    with pytest.raises(tf.errors.InvalidArgumentError):
        sampler.of_classes(tf.constant([1]), tf.constant([0, 1]))
