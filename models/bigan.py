"""Bidirectional generative adversarial networks: a GAN with an encoder that learns to invert its generator.

Jeff Donahue, Philipp Krähenbühl, Trevor Darrell: "Adversarial feature learning", ICLR 2017,
https://arxiv.org/abs/1605.09782; at the same time Dumoulin et al.: "Adversarially learned inference",
https://arxiv.org/abs/1606.00704. Not as in the code of the former, https://github.com/jeffdonahue/bigan: networks of
convolutions on small images too, a normal prior where they have a uniform one, and a discriminator that is normalized
spectrally and learns at a fifth of the rate, so that some thousand steps do where they take 400 epochs.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import partial

import keras
import tensorflow as tf
from keras import layers

from ..training.distribution import n_devices, replica_normal, replica_share
from ..training.moving_statistics import recompute_moving_statistics
from .adversarial import scaled_as
from .batch_norm import BatchNormalization
from .parts import saved_parts, with_loaded_parts
from .scales import filters, halvings

MOMENTUM = 0.9  # of the moving statistics, which must settle within a few hundred steps


def bigan(image_shape: tuple[int, int, int] = (28, 28, 1), latent_dim: int = 200, seed: int = 0) -> BiGAN:
    """A BiGAN for images of any size. latent_dim: 200 in the paper and in Hsu et al. 2019 on Omniglot."""
    n = halvings(*image_shape[:2])
    return BiGAN(
        _encoder(image_shape, latent_dim, n),
        _generator(image_shape, latent_dim, n),
        _discriminator(image_shape, latent_dim, n),
        seed,
    )


def _batch_norm(x: keras.KerasTensor) -> keras.KerasTensor:
    return BatchNormalization(momentum=MOMENTUM, synchronized=n_devices() > 1)(x)


def _encoder(image_shape: tuple[int, int, int], latent_dim: int, n_halvings: int) -> keras.Model:
    images = keras.Input(image_shape)  # (n, 28, 28, 1)
    x = layers.Rescaling(2.0, -1.0)(images)
    for scale in range(1, n_halvings + 1):
        x = layers.Conv2D(filters(scale), 4, strides=2, padding="same", use_bias=False)(x)  # (n, 14 -> 7 -> 4, same, c)
        x = layers.LeakyReLU(0.2)(_batch_norm(x))
    latents = layers.Dense(latent_dim, use_bias=False, dtype="float32")(layers.Flatten()(x))  # (n, d)
    # of mean 0 and variance 1 like the prior
    latents = BatchNormalization(
        momentum=MOMENTUM, center=False, scale=False, synchronized=n_devices() > 1, dtype="float32"
    )(latents)
    return keras.Model(images, latents, name="encoder")


def _generator(image_shape: tuple[int, int, int], latent_dim: int, n_halvings: int) -> keras.Model:
    """The smallest map is doubled until it covers the image, and cropped."""
    height, width = (math.ceil(side / 2**n_halvings) for side in image_shape[:2])
    latents = keras.Input((latent_dim,))  # (n, d)
    x = layers.Dense(height * width * filters(n_halvings), use_bias=False)(latents)
    x = layers.Reshape((height, width, filters(n_halvings)))(x)  # (n, 4, 4, 256)
    x = layers.ReLU()(_batch_norm(x))
    for scale in range(n_halvings - 1, -1, -1):
        x = layers.Conv2DTranspose(filters(scale), 4, strides=2, padding="same", use_bias=False)(x)
        surplus = [x.shape[axis] - math.ceil(image_shape[axis - 1] / 2**scale) for axis in (1, 2)]
        x = layers.Cropping2D([(s // 2, s - s // 2) for s in surplus])(x)  # (n, 7 -> 14 -> 28, same, c)
        x = layers.ReLU()(_batch_norm(x))
    images = layers.Conv2DTranspose(image_shape[2], 3, padding="same", activation="sigmoid", dtype="float32")(x)
    return keras.Model(latents, images, name="generator")  # (n, 28, 28, 1)


def _discriminator(image_shape: tuple[int, int, int], latent_dim: int, n_halvings: int) -> keras.Model:
    """All but the last layer's weights are normalized spectrally (Miyato et al. 2018,
    https://arxiv.org/abs/1802.05957), which in float16 overflows."""
    normalized = partial(layers.SpectralNormalization, dtype="float32")
    images, latents = keras.Input(image_shape), keras.Input((latent_dim,))
    x = layers.Rescaling(2.0, -1.0)(images)  # (n, 28, 28, 1)
    for scale in range(1, n_halvings + 1):
        x = normalized(layers.Conv2D(filters(scale), 4, strides=2, padding="same"))(x)  # (n, 14 -> 7 -> 4, same, c)
        x = layers.LeakyReLU(0.2)(x)
    z = layers.LeakyReLU(0.2)(normalized(layers.Dense(512))(latents))
    z = layers.LeakyReLU(0.2)(normalized(layers.Dense(512))(z))  # (n, 512)
    joint = layers.Concatenate()([layers.Flatten()(x), z])
    joint = layers.LeakyReLU(0.2)(normalized(layers.Dense(512))(joint))  # (n, 512)
    logits = layers.Dense(1, dtype="float32")(joint)  # (n, 1), above 0 for an image with its encoding
    return keras.Model([images, latents], logits, name="discriminator")


@keras.saving.register_keras_serializable("latentshot")
class BiGAN(keras.Model):
    """A GAN whose discriminator judges pairs: an image with its encoding, or a latent's image with the latent.

    encoder: images (n, height, width, channels) in [0, 1] to latents (n, latent_dim).
    generator: latents, standard normal, to images in [0, 1].
    discriminator: images and latents to logits (n, 1), above 0 for pairs of the encoder.
    seed: of the latents, which depend on it and the optimizer's iteration (or the batch's number) alone.

    `fit` takes batches of images in [0, 1] and logs the `discriminator` loss and the `adversarial` one of encoder and
    generator (sections 3 and 3.4).
    """

    def __init__(
        self, encoder: keras.Model, generator: keras.Model, discriminator: keras.Model, seed: int = 0, **kwargs
    ):
        super().__init__(**kwargs)
        self.encoder, self.generator, self.discriminator, self.seed = encoder, generator, discriminator, seed
        self.latent_dim: int = generator.input_shape[-1]
        self.image_shape: tuple[int, int, int] = generator.output_shape[1:]
        self.trackers = {name: keras.metrics.Mean(name) for name in ("discriminator", "adversarial")}
        self.built = True

    def compile(self, optimizer: keras.Optimizer, discriminator_optimizer: keras.Optimizer, **kwargs) -> None:  # type: ignore[override]
        super().compile(optimizer=optimizer, **kwargs)
        self.discriminator_optimizer = scaled_as(self.optimizer, discriminator_optimizer)
        self.optimizer.build(self._encoder_and_generator_variables)
        self.discriminator_optimizer.build(self.discriminator.trainable_variables)

    def encode(self, images: tf.Tensor) -> tf.Tensor:
        """Images (n, height, width, channels) to latents (n, latent_dim)."""
        return self.encoder(images, training=False)

    def generate(self, latents: tf.Tensor) -> tf.Tensor:
        """Latents (n, latent_dim) to images (n, height, width, channels) in [0, 1]."""
        return self.generator(latents, training=False)

    def call(self, images: tf.Tensor) -> tf.Tensor:
        """The reconstruction of the images."""
        return self.generate(self.encode(images))

    @property
    def metrics(self) -> list[keras.Metric]:
        return list(self.trackers.values())

    @property
    def _encoder_and_generator_variables(self) -> list[keras.Variable]:
        return [*self.encoder.trainable_variables, *self.generator.trainable_variables]

    def train_step(self, images: tf.Tensor) -> dict[str, tf.Tensor]:
        """One step of encoder and generator and one of the discriminator, both by the same forward pass."""
        latents = self._latents(tf.shape(images)[0], self.optimizer.iterations)
        with tf.GradientTape() as tape, tf.GradientTape() as discriminator_tape:
            discriminator, adversarial = self.losses_of(images, latents)
            scaled = self.optimizer.scale_loss(replica_share(adversarial))
            scaled_discriminator = self.discriminator_optimizer.scale_loss(replica_share(discriminator))
        variables, judges = self._encoder_and_generator_variables, self.discriminator.trainable_variables
        self.optimizer.apply(tape.gradient(scaled, variables), variables)
        self.discriminator_optimizer.apply(discriminator_tape.gradient(scaled_discriminator, judges), judges)
        for tracker, value in zip(self.metrics, (discriminator, adversarial), strict=True):
            tracker.update_state(value)
        return self.get_metrics_result()

    def _latents(self, n: tf.Tensor | int, number: tf.Tensor | int) -> tf.Tensor:
        """Draws (n, latent_dim) of the prior, by the seed and the batch's number."""
        seed = tf.stack([self.seed, tf.cast(number, tf.int32)])
        return replica_normal((n, self.latent_dim), seed)

    def losses_of(self, images: tf.Tensor, latents: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """The losses of the discriminator and of encoder and generator: the same with the labels exchanged."""
        n = tf.shape(images)[0]
        encoded, generated = self.encoder(images, training=True), self.generator(latents, training=True)
        pairs = [tf.concat([images, generated], axis=0), tf.concat([encoded, latents], axis=0)]
        logits = self.discriminator(pairs, training=True)
        of_encoder, of_generator = logits[:n], logits[n:]
        softplus = tf.nn.softplus
        discriminator = tf.reduce_mean(softplus(-of_encoder)) + tf.reduce_mean(softplus(of_generator))
        adversarial = tf.reduce_mean(softplus(of_encoder)) + tf.reduce_mean(softplus(-of_generator))
        return discriminator, adversarial

    def recompute_statistics(self, batches: Iterable[tf.Tensor]) -> None:
        """Batch normalization's moving statistics anew from batches of images, for use after a short training."""

        def forward(images: tf.Tensor, number: int) -> None:
            self.encoder(images, training=True)
            self.generator(self._latents(len(images), number), training=True)

        recompute_moving_statistics([*self.encoder.layers, *self.generator.layers], forward, batches)

    def get_config(self) -> dict:
        return {**super().get_config(), **saved_parts(self, _PARTS), "seed": self.seed}

    @classmethod
    def from_config(cls, config: dict, custom_objects: dict | None = None) -> BiGAN:
        return cls(**with_loaded_parts(config, _PARTS))


_PARTS = ("encoder", "generator", "discriminator")
