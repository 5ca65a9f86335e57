"""Adversarially constrained autoencoder interpolation: an autoencoder whose mixtures of two images look like images.

David Berthelot, Colin Raffel, Aurko Roy, Ian Goodfellow: "Understanding and improving interpolation in autoencoders via
an adversarial regularizer", ICLR 2019, https://arxiv.org/abs/1807.07543; its code is
https://github.com/brain-research/acai.
"""

from __future__ import annotations

import math

import keras
import tensorflow as tf
from keras import layers, ops

from ..training.distribution import replica_seed, replica_share
from .adversarial import scaled_as
from .parts import saved_parts, with_loaded_parts
from .scales import filters, halvings

LATENT_CHANNELS = 16  # of the smallest map: 4x4x16 = 256 latents of 32x32 pixels, as of 28x28


def acai(image_shape: tuple[int, int, int] = (28, 28, 1), seed: int = 0) -> ACAI:
    """An autoencoder for images of any size, whose latents are a map of 16 channels and about 4x4 pixels.

    Encoder and critic halve the image by 3x3 convolutions of stride 2 and double the filters, up to 256; the decoder
    goes back by convolutions and nearest neighbours. The authors have twice as many filters, two convolutions where
    here is one, and average pooling in place of strides.
    """
    sides = _sides(*image_shape[:2])
    encoder, critic = _encoder(image_shape, len(sides) - 1), _critic(image_shape, len(sides) - 1)
    return ACAI(encoder, _decoder(sides, image_shape[2]), critic, seed=seed)


def _sides(height: int, width: int) -> list[tuple[int, int]]:
    """Heights and widths from the image's to the latents', each half of the one before, rounded up."""
    return [(math.ceil(height / 2**i), math.ceil(width / 2**i)) for i in range(halvings(height, width) + 1)]


def _halved(images: keras.KerasTensor, n_halvings: int) -> keras.KerasTensor:
    x = layers.Rescaling(2.0, -1.0)(images)  # (n, 28, 28, 1)
    for scale in range(1, n_halvings + 1):
        x = layers.Conv2D(filters(scale), 3, strides=2, padding="same")(x)  # (n, 14 -> 7 -> 4, same, 64 -> 128 -> 256)
        x = layers.LeakyReLU(0.2)(x)
    return layers.Conv2D(LATENT_CHANNELS, 3, padding="same", dtype="float32")(x)  # (n, 4, 4, 16)


def _encoder(image_shape: tuple[int, int, int], n_halvings: int) -> keras.Model:
    images = keras.Input(image_shape)
    return keras.Model(images, layers.Flatten(dtype="float32")(_halved(images, n_halvings)), name="encoder")  # (n, 256)


def _critic(image_shape: tuple[int, int, int], n_halvings: int) -> keras.Model:
    images = keras.Input(image_shape)
    guesses = layers.GlobalAveragePooling2D(dtype="float32")(_halved(images, n_halvings))  # (n, 16)
    return keras.Model(images, ops.mean(guesses, axis=1), name="critic")  # (n,)


def _decoder(sides: list[tuple[int, int]], channels: int) -> keras.Model:
    height, width = sides[-1]
    latents = keras.Input((height * width * LATENT_CHANNELS,))
    x = layers.Reshape((height, width, LATENT_CHANNELS))(latents)  # (n, 4, 4, 16)
    for scale in range(len(sides) - 1, 0, -1):
        x = layers.LeakyReLU(0.2)(layers.Conv2D(filters(scale), 3, padding="same")(x))  # (n, 4 -> 7 -> 14, same, c)
        surplus = [2 * now - then for now, then in zip(sides[scale], sides[scale - 1], strict=True)]
        x = layers.Cropping2D([(0, s) for s in surplus])(layers.UpSampling2D(2)(x))  # (n, 7 -> 14 -> 28, same, c)
    x = layers.LeakyReLU(0.2)(layers.Conv2D(filters(0), 3, padding="same")(x))  # (n, 28, 28, 32)
    pixels = layers.Conv2D(channels, 3, padding="same", dtype="float32")(x)  # (n, 28, 28, 1)
    return keras.Model(latents, layers.Rescaling(0.5, 0.5, dtype="float32")(pixels), name="decoder")


@keras.saving.register_keras_serializable("latentshot")
class ACAI(keras.Model):
    """An autoencoder with a critic that guesses how much of another image was mixed into one.

    encoder: images (n, height, width, channels) in [0, 1] to latents (n, latent_dim).
    decoder: latents to images, which may leave [0, 1] a little.
    critic: images to guesses (n,) of the mixing coefficient, from 0 to 0.5.
    adversarial: the weight of the critic's guesses in the autoencoder's loss (lambda in the paper: 0.5).
    gamma: how much of the images is left in the reconstructions that the critic is to call unmixed (0.2).
    seed: of the mixing coefficients, which depend on it and the optimizer's iteration alone.

    There is no prior: latents come from images. `fit` takes batches of images in [0, 1] and logs `reconstruction`,
    `adversarial` and `critic` losses (equations 1 and 2), of images on the paper's scale [-1, 1].
    """

    has_prior = False

    def __init__(
        self,
        encoder: keras.Model,
        decoder: keras.Model,
        critic: keras.Model,
        adversarial: float = 0.5,
        gamma: float = 0.2,
        seed: int = 0,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.encoder, self.decoder, self.critic = encoder, decoder, critic
        self.adversarial, self.gamma, self.seed = adversarial, gamma, seed
        self.latent_dim: int = decoder.input_shape[-1]
        self.image_shape: tuple[int, int, int] = decoder.output_shape[1:]
        self.trackers = {name: keras.metrics.Mean(name) for name in ("reconstruction", "adversarial", "critic")}
        self.built = True

    def compile(self, optimizer: keras.Optimizer, critic_optimizer: keras.Optimizer, **kwargs) -> None:  # type: ignore[override]
        super().compile(optimizer=optimizer, **kwargs)
        self.critic_optimizer = scaled_as(self.optimizer, critic_optimizer)
        self.optimizer.build(self._autoencoder_variables)
        self.critic_optimizer.build(self.critic.trainable_variables)

    def encode(self, images: tf.Tensor) -> tf.Tensor:
        """Images (n, height, width, channels) to latents (n, latent_dim)."""
        return self.encoder(images, training=False)

    def generate(self, latents: tf.Tensor) -> tf.Tensor:
        """Latents (n, latent_dim) to images (n, height, width, channels) in [0, 1]."""
        return ops.clip(self.decoder(latents, training=False), 0.0, 1.0)

    def call(self, images: tf.Tensor) -> tf.Tensor:
        """The reconstruction of the images."""
        return self.generate(self.encode(images))

    @property
    def metrics(self) -> list[keras.Metric]:
        return list(self.trackers.values())

    @property
    def _autoencoder_variables(self) -> list[keras.Variable]:
        return [*self.encoder.trainable_variables, *self.decoder.trainable_variables]

    def train_step(self, images: tf.Tensor) -> dict[str, tf.Tensor]:
        """One step of the autoencoder and one of the critic, both by the same forward pass."""
        seed = replica_seed(tf.stack([self.seed, tf.cast(self.optimizer.iterations, tf.int32)]))
        alphas = mixing_coefficients(tf.shape(images)[0], seed)
        with tf.GradientTape() as tape, tf.GradientTape() as critic_tape:
            reconstruction, adversarial, critic = self.losses_of(images, alphas)
            scaled = self.optimizer.scale_loss(replica_share(reconstruction + self.adversarial * adversarial))
            scaled_critic = self.critic_optimizer.scale_loss(replica_share(critic))
        variables, of_critic = self._autoencoder_variables, self.critic.trainable_variables
        self.optimizer.apply(tape.gradient(scaled, variables), variables)
        self.critic_optimizer.apply(critic_tape.gradient(scaled_critic, of_critic), of_critic)
        for tracker, value in zip(self.metrics, (reconstruction, adversarial, critic), strict=True):
            tracker.update_state(value)
        return self.get_metrics_result()

    def losses_of(self, images: tf.Tensor, alphas: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        """The means over the batch of the reconstruction, adversarial and critic losses; alphas: (n,).

        Each image is mixed with the one as far from the batch's other end.
        """
        latents = self.encoder(images, training=True)  # (n, d)
        mixed = alphas[:, None] * latents + (1.0 - alphas[:, None]) * latents[::-1]
        reconstructed, mixtures = self.decoder(latents, training=True), self.decoder(mixed, training=True)
        nearly_real = reconstructed + self.gamma * (images - reconstructed)
        guesses, of_real = self.critic(mixtures, training=True), self.critic(nearly_real, training=True)  # (n,)
        reconstruction = 4.0 * tf.reduce_mean(tf.square(images - reconstructed))  # on the scale [-1, 1]
        critic = tf.reduce_mean(tf.square(guesses - alphas)) + tf.reduce_mean(tf.square(of_real))
        return reconstruction, tf.reduce_mean(tf.square(guesses)), critic

    def get_config(self) -> dict:
        own = {"adversarial": self.adversarial, "gamma": self.gamma, "seed": self.seed}
        return {**super().get_config(), **saved_parts(self, _PARTS), **own}

    @classmethod
    def from_config(cls, config: dict, custom_objects: dict | None = None) -> ACAI:
        return cls(**with_loaded_parts(config, _PARTS))


_PARTS = ("encoder", "decoder", "critic")


def mixing_coefficients(n: tf.Tensor | int, seed: tf.Tensor) -> tf.Tensor:
    """Uniform numbers (n,) in [0, 0.5]: which of the two images is the mixture's main one is no matter (section 3)."""
    return 0.5 * tf.random.stateless_uniform((n,), seed)
