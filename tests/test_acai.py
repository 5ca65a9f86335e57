"""ACAI: its losses against numpy in float64, its shapes, what it lacks, a prior, and tasks of it."""

import numpy as np
import pytest
import tensorflow as tf
from real_commands import TINY, call, results
from test_generators import compiled

from latentshot.bin import train_generator, train_meta
from latentshot.lasium.experiment.build_generator import anchors_come_from_images
from latentshot.lasium.experiment.config import MetaConfig
from latentshot.lasium.experiment.generator_gate import judge
from latentshot.models.acai import acai, mixing_coefficients


def test_the_losses_are_those_of_equations_one_and_two_in_float64():
    model = compiled("acai")
    images = np.random.default_rng(0).random((4, 8, 8, 1), np.float32)
    alphas = np.array([0.0, 0.1, 0.3, 0.5], np.float32)

    def of(network, *inputs):
        return np.asarray(network(*(np.float32(x) for x in inputs)), np.float64)

    latents = of(model.encoder, images)
    mixed = alphas[:, None].astype(float) * latents + (1 - alphas[:, None].astype(float)) * latents[::-1]
    reconstructed = of(model.decoder, latents)
    guesses = of(model.critic, of(model.decoder, mixed))
    of_real = of(model.critic, 0.2 * images.astype(float) + 0.8 * reconstructed)
    expected = (
        np.mean(((2 * images.astype(float) - 1) - (2 * reconstructed - 1)) ** 2),
        np.mean(guesses**2),
        np.mean((guesses - alphas) ** 2) + np.mean(of_real**2),
    )
    np.testing.assert_allclose(model.losses_of(tf.constant(images), tf.constant(alphas)), expected, rtol=1e-4)


def test_a_mixture_of_all_of_the_second_image_is_its_reconstruction():
    """alpha 0 leaves nothing of the first: the critic's guesses are those of the reconstructions, turned around."""
    model = compiled("acai")
    images = tf.random.stateless_uniform((4, 8, 8, 1), (0, 0))
    _, adversarial, _ = model.losses_of(images, tf.zeros(4))
    expected = np.mean(np.square(model.critic(model.decoder(model.encoder(images)))))
    assert float(adversarial) == pytest.approx(float(expected), rel=1e-4)


def test_coefficients_are_uniform_up_to_a_half_and_repeat_under_a_seed():
    drawn = mixing_coefficients(4000, tf.constant([3, 1])).numpy()
    assert 0 <= drawn.min() < 0.01
    assert 0.49 < drawn.max() <= 0.5
    assert drawn.mean() == pytest.approx(0.25, abs=0.01)
    np.testing.assert_array_equal(mixing_coefficients(4000, tf.constant([3, 1])), drawn)


@pytest.mark.parametrize(
    ("shape", "latent_dim"), [((28, 28, 1), 256), ((32, 32, 3), 256), ((84, 84, 3), 576), ((30, 25, 3), 256)]
)
def test_latents_are_sixteen_channels_of_a_map_of_about_four_pixels(shape, latent_dim):
    model = acai(shape)
    images = np.random.default_rng(0).random((2, *shape), np.float32)
    assert model.encode(images).shape == (2, latent_dim)
    decoded = model(images).numpy()
    assert decoded.shape == images.shape
    assert 0 <= decoded.min() <= decoded.max() <= 1


def test_without_a_prior_anchors_come_from_images_and_the_gate_judges_mixtures():
    model = compiled("acai")
    assert anchors_come_from_images(MetaConfig(generator="acai"), model)
    with pytest.raises(ValueError, match="the generator acai has none: give --anchors images"):
        anchors_come_from_images(MetaConfig(generator="acai", anchors="prior"), model)
    images = np.random.default_rng(0).random((6, 8, 8, 1), np.float32)
    quality, sheet = judge(model, images)
    assert "mixtures vary" in str(quality)
    halfway = model.generate((model.encode(images) + model.encode(images)[::-1]) / 2)
    np.testing.assert_allclose(sheet[2], halfway, atol=1e-5)


@pytest.mark.soak
def test_trained_by_one_command_it_makes_tasks_from_images_for_another(tmp_path):
    images = ["--n-unlabelled", "128", "--run-dir"]
    call(train_generator.main, ["--generator", "acai", "--generator-epochs", "1", "--any-generator", *images, tmp_path])
    assert {"generator.png", "between-images.png"} <= {file.name for file in (tmp_path / "pictures").iterdir()}
    given = ["--generator", tmp_path / "generator.keras", "--learner", "protonets"]
    with pytest.raises(SystemExit):
        call(train_meta.main, [*TINY, *given, "--anchors", "prior", *images, tmp_path / "refused"])
    call(train_meta.main, [*TINY, *given, *images, tmp_path / "run"])
    assert len(results(tmp_path / "run")) == 2
