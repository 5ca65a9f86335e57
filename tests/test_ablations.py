"""What the rows of GLICO's tables II and III build: each without, or with another of, the part that it is named by.

ResNet Init is left out: its weights are a download.
"""

import numpy as np
import pytest
import tensorflow as tf

from latentshot.datasets import load_dataset
from latentshot.glico.experiment.build_classifier import build_classifier
from latentshot.glico.experiment.build_generative import build_generative
from latentshot.glico.experiment.build_sample import draw_sample
from latentshot.glico.experiment.build_sampler import build_sampler
from latentshot.glico.experiment.config import GlicoConfig
from latentshot.glico.experiment.defaults import resolved
from latentshot.glico.experiment.methods import GENERATORS, any_uses
from latentshot.glico.recipes import table_2, table_3

PER_CLASS = 3
ROWS = {row.method: (recipe, row) for recipe in (table_2.RECIPE, table_3.RECIPE) for row in recipe.rows}


def config_of(name):
    recipe, row = ROWS[name]
    on_digits = {"dataset": "digits", "samples_per_class": (PER_CLASS,), "classifier": "cnn-4", "latent_dim": 32}
    return resolved(GlicoConfig(**{**recipe.row_options(row), **on_digits}))


@pytest.fixture(scope="module")
def digits():
    return load_dataset("digits", split_by="image")


@pytest.fixture(scope="module")
def built(digits):
    """A row's sample, model and sampler, made once."""
    made = {}

    def build(name):
        if name not in made:
            config = config_of(name)
            sample = draw_sample(config, digits, PER_CLASS, seed=0)
            model = build_generative(config, sample).model
            made[name] = sample, model, build_sampler(config, model, sample, "glico")
        return made[name]

    return build


def spread_by_noise(model):
    """How far apart two images of one code are, with other noise."""
    code = model.codes(tf.constant([0]))
    first, second = (model.generate(code, tf.constant([0, number])) for number in (1, 2))
    return float(tf.reduce_max(tf.abs(first - second)))


def within_a_class(model):
    """The mean cosine between the codes of two images of a class."""
    codes = model.codes.table.numpy().reshape(10, PER_CLASS, -1)
    cosines = codes @ codes.transpose(0, 2, 1)  # (10, n, n)
    return cosines[:, ~np.eye(PER_CLASS, dtype=bool)].mean()


def test_glico_has_noise_beside_its_codes_a_classifier_of_images_and_goes_along_the_sphere(built):
    _, model, sampler = built("GLICO")
    assert model.generator.input_shape[-1] == 32 + model.noise_dim > 32
    assert spread_by_noise(model) > 0
    assert model.classifier.input_shape[1:] == (16, 16, 1)
    ends = model.codes(tf.range(10)), model.codes(tf.range(10, 20))
    np.testing.assert_allclose(tf.norm(sampler.interpolate(*ends, tf.fill((10,), 0.5)), axis=1), 1.0, atol=1e-5)


def test_without_noise_a_code_has_one_image(built):
    _, model, _ = built("No Noise")
    assert model.generator.input_shape[-1] == 32
    assert spread_by_noise(model) == 0


def test_additive_noise_moves_the_code_itself(built):
    _, model, _ = built("Additive Noise")
    assert model.generator.input_shape[-1] == 32 == model.noise_dim
    assert spread_by_noise(model) > 0


def test_without_a_classifier_the_generator_learns_to_reconstruct_alone(built):
    _, model, _ = built("No Classifier")
    assert model.classifier is None


def test_a_latent_classifier_sees_codes(built):
    _, model, _ = built("Latent Classifier")
    assert model.classifier.input_shape[1:] == (32,)
    assert model.classifier_space == "latent"


def test_lerp_leaves_the_sphere(built):
    _, model, sampler = built("Lerp")
    ends = model.codes(tf.range(10)), model.codes(tf.range(10, 20))
    middle = sampler.interpolate(*ends, tf.fill((10,), 0.5))
    np.testing.assert_allclose(middle, (ends[0] + ends[1]) / 2, atol=1e-6)


def test_on_a_hypercube_the_codes_of_a_class_start_together(built):
    assert abs(within_a_class(built("GLICO")[1])) < 0.2 < within_a_class(built("Hypercube Init")[1])


def test_transductive_codes_are_for_test_images_too(built, digits):
    sample, model, _ = built("Transductive")
    assert model.codes.table.shape[0] == 10 * PER_CLASS + len(digits["test"].labels)
    np.testing.assert_array_equal(sample.unlabelled, digits["test"].images)


def test_only_the_baseline_takes_no_generator_and_the_cosine_row_has_another_loss(built):
    generators = {name: [each for each in GENERATORS if any_uses(config_of(name).compare, each)] for name in ROWS}
    assert generators == {name: [] if name == "Baseline" else ["glico"] for name in ROWS}
    sample, _, sampler = built("GLICO")
    configs = [config_of(name) for name in ("Cosine Loss", "GLICO")]
    cosine, usual = (build_classifier(config, sample, config.compare[0], sampler).model for config in configs)
    label = tf.constant([[0.0, 1.0, 0.0]])
    assert float(cosine.loss_function(label, 3.0 * label)[0]) == pytest.approx(-1.0)  # minus a cosine
    assert float(usual.loss_function(label, 3.0 * label)[0]) == pytest.approx(np.log1p(2 * np.exp(-3)))
