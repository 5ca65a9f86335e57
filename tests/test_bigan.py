"""BiGAN: its losses against numpy in float64, and its shapes."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from test_generators import compiled

from latentshot.models.bigan import bigan


def test_the_losses_are_the_cross_entropies_of_pairs_and_of_pairs_with_their_labels_exchanged():
    """log D and log(1 - D), D the sigmoid of the logits, as section 3 writes them; the networks in training mode."""
    model = compiled("bigan")
    images = tf.random.stateless_uniform((6, 8, 8, 1), (0, 0))
    latents = tf.random.stateless_normal((6, 4), (0, 1))
    ours = model.losses_of(images, latents)  # which also normalizes the discriminator's weights
    encoded, generated = model.encoder(images, training=True), model.generator(latents, training=True)

    def d(x, z):
        return 1 / (1 + np.exp(-np.asarray(model.discriminator([x, z]), np.float64)))

    of_encoder, of_generator = d(images, encoded), d(generated, latents)
    expected = (
        -np.mean(np.log(of_encoder)) - np.mean(np.log(1 - of_generator)),
        -np.mean(np.log(1 - of_encoder)) - np.mean(np.log(of_generator)),
    )
    np.testing.assert_allclose(ours, expected, rtol=1e-4)


@pytest.mark.parametrize("shape", [(28, 28, 1), (32, 32, 3), (84, 84, 3), (30, 25, 3)])
def test_it_encodes_and_generates_images_of_any_size(shape):
    model = bigan(shape)
    images = np.random.default_rng(0).random((2, *shape), np.float32)
    assert model.encode(images).shape == (2, 200)
    decoded = model(images).numpy()
    assert decoded.shape == images.shape
    assert 0 <= decoded.min() <= decoded.max() <= 1


def test_recomputed_statistics_are_those_of_the_batches():
    model = compiled("bigan")
    batches = [tf.random.stateless_uniform((16, 8, 8, 1), (0, seed)) for seed in range(3)]
    model.recompute_statistics(batches)
    dense = next(x for x in model.generator.layers if isinstance(x, keras.layers.Dense))
    normalization = next(x for x in model.generator.layers if isinstance(x, keras.layers.BatchNormalization))
    latents = dense(tf.concat([model._latents(16, number) for number in range(3)], axis=0))
    assert not np.allclose(latents[:16], latents[16:32])  # every batch has draws of its own
    means = tf.reduce_mean(tf.reshape(latents, (48, 4, 4, -1)), axis=(0, 1, 2))
    np.testing.assert_allclose(normalization.moving_mean, means, rtol=1e-3, atol=1e-5)
