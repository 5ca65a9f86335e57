from collections.abc import Callable
from dataclasses import replace
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from latentshot.datasets.unlabelled import image_batches
from latentshot.lasium.experiment import generator_training
from latentshot.lasium.experiment.build_generator import build_generator_training
from latentshot.lasium.experiment.defaults import resolved
from latentshot.lasium.experiment.generator_config import GeneratorConfig
from latentshot.models.acai import acai
from latentshot.models.bigan import bigan
from latentshot.models.generator import Generator, load_generator
from latentshot.models.msgan import mode_seeking_regularizer, omniglot_msgan
from latentshot.models.vae import celeba_vae, kl_to_standard_normal, omniglot_vae
from latentshot.training.fit import train

VAES = (omniglot_vae, celeba_vae)


def compiled(name, image_shape=(8, 8, 1)) -> Any:
    keras.utils.set_random_seed(0)
    if name == "vae":
        vae = omniglot_vae(image_shape, latent_dim=4)
        vae.compile(keras.optimizers.Adam(0.003))
        return vae
    makers: dict[str, Callable[[], Any]] = {
        "msgan": lambda: omniglot_msgan(image_shape, latent_dim=8),
        "acai": lambda: acai(image_shape),
        "bigan": lambda: bigan(image_shape, latent_dim=4),
    }
    model = makers[name]()
    model.compile(keras.optimizers.Adam(0.001, beta_1=0.5), keras.optimizers.Adam(0.001, beta_1=0.5))
    return model


def test_kl_equals_its_integral():
    mean, log_variance = 0.7, np.log(0.3)
    x = np.linspace(-12, 12, 200_001)
    log_p = -0.5 * (x - mean) ** 2 / 0.3 - 0.5 * np.log(2 * np.pi * 0.3)
    log_q = -0.5 * x**2 - 0.5 * np.log(2 * np.pi)
    integral = np.sum(np.exp(log_p) * (log_p - log_q)) * (x[1] - x[0])
    ours = kl_to_standard_normal(tf.constant([[mean] * 3]), tf.constant([[log_variance] * 3], tf.float32))
    assert float(ours) == pytest.approx(3 * integral, rel=1e-5)


def test_the_mode_seeking_loss_is_the_inverse_ratio_of_distances():
    # images differ by 0.25, on the scale [-1, 1] by 0.5; latents by 2: the ratio is 0.25 and its inverse 4
    images, latents = tf.zeros((3, 2, 2, 1)), tf.zeros((3, 5))
    assert float(mode_seeking_regularizer(images, images + 0.25, latents, latents - 2.0)) == pytest.approx(
        4.0, rel=1e-3
    )


def test_the_vae_has_the_layers_of_the_paper():
    vae = omniglot_vae()
    assert (vae.latent_dim, vae.image_shape) == (20, (28, 28, 1))
    convolutions = [x for x in vae.encoder.layers if isinstance(x, keras.layers.Conv2D)]
    assert [(x.filters, x.kernel_size, x.strides) for x in convolutions] == [(64, (3, 3), (2, 2))] * 4
    transposed = [x for x in vae.decoder.layers if isinstance(x, keras.layers.Conv2DTranspose)][:4]
    assert [(x.filters, x.kernel_size) for x in transposed] == [(64, (3, 3))] * 4
    assert [x.units for x in vae.decoder.layers if isinstance(x, keras.layers.Dense)] == [3136]


def test_the_msgan_has_the_layers_of_the_paper():
    msgan = omniglot_msgan()
    assert (msgan.latent_dim, msgan.image_shape) == (128, (28, 28, 1))
    convolutions = [x for x in msgan.discriminator.layers if isinstance(x, keras.layers.Conv2D)]
    assert [(x.filters, x.kernel_size, x.strides) for x in convolutions] == [
        (f, (3, 3), (2, 2)) for f in (64, 128, 128)
    ]
    transposed = [x for x in msgan.generator.layers if isinstance(x, keras.layers.Conv2DTranspose)]
    assert [(x.filters, x.kernel_size) for x in transposed] == [(128, (4, 4))] * 2 + [(1, (7, 7))]
    assert [x.units for x in msgan.generator.layers if isinstance(x, keras.layers.Dense)] == [6272]


def test_a_transposed_convolution_of_stride_one_is_a_convolution_by_the_turned_kernel():
    """Why the msgan's last layer may be the transposed one: it computes the same family of functions."""
    transposed, plain = keras.layers.Conv2DTranspose(1, 7, padding="same"), keras.layers.Conv2D(1, 7, padding="same")
    x = tf.random.stateless_normal((2, 9, 9, 3), (0, 1))
    expected = transposed(x)
    plain.build(x.shape)
    kernel, bias = transposed.get_weights()
    plain.set_weights([kernel[::-1, ::-1].transpose(0, 1, 3, 2), bias])
    np.testing.assert_allclose(plain(x), expected, atol=1e-5)


@pytest.mark.slow
def test_a_vae_learns_to_reconstruct(blobs):
    vae = compiled("vae")
    batches = image_batches(blobs.unlabelled, 50, seed=0)
    history = vae.fit(batches, epochs=5, steps_per_epoch=80, verbose=0, shuffle=False).history
    assert history["loss"][-1] < 0.95 * history["loss"][0]
    images = next(iter(batches))
    error = np.mean((vae(images) - images) ** 2)
    assert error < 0.3 * np.var(images - np.mean(images, axis=0))


def test_recomputed_statistics_are_the_means_over_the_batches_and_momenta_stay(blobs):
    vae = compiled("vae")
    batches = list(image_batches(blobs.unlabelled, 50, seed=0).take(3))
    vae.recompute_statistics(batches)
    convolution, normalization = vae.encoder.layers[1:3]
    moments = [tf.nn.moments(convolution(batch), (0, 1, 2)) for batch in batches]
    ours = (normalization.moving_mean, normalization.moving_variance)
    for moving, parts in zip(ours, zip(*moments, strict=True), strict=True):
        np.testing.assert_allclose(moving, np.mean(parts, axis=0), rtol=1e-4, atol=1e-5)
    assert normalization.momentum == 0.99
    decoded = [layer for layer in vae.decoder.layers if isinstance(layer, keras.layers.BatchNormalization)]
    assert all(np.asarray(layer.moving_mean).any() for layer in decoded)


def test_few_images_get_more_epochs_for_the_least_steps_unless_epochs_are_asked_for(blobs, capsys):
    """400 images are 12 steps of 32; 1,000 steps are 84 epochs of them."""

    def epochs(**options):
        config = resolved(GeneratorConfig(dataset="cifar10", **options))
        return build_generator_training(config, blobs).epochs

    assert epochs() == 84
    assert "400 images are 12 steps an epoch: 84 epochs in place of 15, for 1000 steps" in capsys.readouterr().err
    assert epochs(generator_min_steps=10) == 15
    assert epochs(generator_epochs=2) == 2
    assert epochs(generator_epochs=2, generator_min_steps=30) == 3


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("msgan", ("generator", "discriminator")),
        ("acai", ("encoder", "decoder", "critic")),
        ("bigan", ("encoder", "generator", "discriminator")),
    ],
)
def test_a_step_trains_all_networks(name, parts):
    model = compiled(name)
    networks = [getattr(model, part) for part in parts]
    before = [network.get_weights() for network in networks]
    images = tf.random.stateless_uniform((16, 8, 8, 1), (0, 0))
    history = model.fit(
        tf.data.Dataset.from_tensors(images).repeat(), steps_per_epoch=5, verbose=0, shuffle=False
    ).history
    assert np.isfinite(list(history.values())).all()
    for network, weights in zip(networks, before, strict=True):
        assert all((now != then).any() for now, then in zip(network.get_weights(), weights, strict=True))


@pytest.mark.parametrize(
    ("name", "of"),
    [
        ("msgan", "discriminator"),
        pytest.param("acai", "critic", marks=pytest.mark.slow),
        pytest.param("bigan", "discriminator", marks=pytest.mark.slow),
    ],
)
def test_a_continued_training_is_bit_identical_with_both_optimizers(tmp_path, blobs, name, of):
    def trained(folder, epochs):
        model = compiled(name)
        checkpoints, logs = tmp_path / folder / "checkpoints", tmp_path / folder / "logs"
        train(model, lambda start: image_batches(blobs.unlabelled, 8, 0, start), epochs, 3, checkpoints, logs, "test")
        optimizers = [*model.optimizer.variables, *getattr(model, f"{of}_optimizer").variables]
        return [*model.get_weights(), *(variable.numpy() for variable in optimizers)]

    whole = trained("whole", 2)
    trained("parts", 1)
    for ours, expected in zip(trained("parts", 2), whole, strict=True):
        np.testing.assert_array_equal(ours, expected)


def test_the_cache_tells_apart_generators_of_other_options_images_and_recipes(blobs, monkeypatch):
    def key(dataset=blobs, **options):
        return build_generator_training(resolved(GeneratorConfig(**options)), dataset).fingerprint

    others = [
        key(seed=1),
        *(key(generator=name) for name in ("msgan", "acai", "bigan")),
        key(generator_lr=0.1),
        key(dataset=replace(blobs, n_unlabelled=200)),
    ]
    assert len({key(), *others}) == 7
    before = key()
    monkeypatch.setattr(generator_training, "CACHE_VERSION", generator_training.CACHE_VERSION + 1)
    assert key() != before


@pytest.mark.parametrize("name", ["vae", "msgan", "acai", "bigan"])
def test_a_saved_generator_generates_the_same_images(tmp_path, name):
    model = compiled(name)
    model.save(tmp_path / "generator.keras")
    loaded = load_generator(tmp_path / "generator.keras")
    assert isinstance(loaded, Generator)
    latents = tf.random.stateless_normal((5, model.latent_dim), (0, 0))
    images = model.generate(latents).numpy()
    np.testing.assert_allclose(loaded.generate(latents), images, atol=1e-6)
    assert images.shape == (5, 8, 8, 1)
    assert 0 <= images.min() <= images.max() <= 1


def test_images_whose_sides_do_not_divide_by_four_do_not_fit_the_msgan():
    with pytest.raises(ValueError, match="images of 30x28 do not fit"):
        compiled("msgan", (30, 28, 1))


@pytest.mark.parametrize(("make", "shape"), [(omniglot_vae, (30, 25, 3)), (celeba_vae, (84, 84, 3))])
def test_the_vaes_make_images_of_any_size(make, shape):
    vae = make(shape, latent_dim=6)
    images = np.random.default_rng(0).random((2, *shape), np.float32)
    assert vae.encode(images).shape == (2, 6)
    assert vae.generate(vae.encode(images)).shape == (2, *shape)


def test_the_vae_of_faces_has_a_block_more_and_more_channels():
    blocks = [sum(isinstance(x, keras.layers.BatchNormalization) for x in make().encoder.layers) for make in VAES]
    filters = [make().encoder.layers[1].filters for make in VAES]
    assert blocks == [4, 5]
    assert filters[0] < filters[1]
