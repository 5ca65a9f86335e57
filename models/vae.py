"""The variational autoencoders of LASIUM's Omniglot and CelebA experiments.

Diederik Kingma, Max Welling: "Auto-encoding variational Bayes", ICLR 2014, https://arxiv.org/abs/1312.6114;
layers as in Khodadadeh et al. 2020, section 4.2.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import keras
import tensorflow as tf
from keras import layers, ops

from ..training.distribution import replica_normal, replica_share
from ..training.moving_statistics import recompute_moving_statistics
from .batch_norm import BatchNormalization
from .parts import saved_parts, with_loaded_parts


def omniglot_vae(image_shape: tuple[int, int, int] = (28, 28, 1), latent_dim: int = 20, seed: int = 0) -> VAE:
    """The paper's VAE (section 4.2) for small images.

    The encoder has four 3x3 convolutions of 64 channels and stride 2. The decoder has as many transposed ones; the
    paper gives them all stride 2, which would make 7x7 into 112x112, so the first two here keep 7x7 and the last two
    double it. A fifth makes the pixels' logits of the 64 channels.
    """
    return VAE(_encoder(image_shape, latent_dim, 4, 64), _decoder(image_shape, latent_dim, 4, 64), seed=seed)


def celeba_vae(image_shape: tuple[int, int, int] = (84, 84, 3), latent_dim: int = 128, seed: int = 0) -> VAE:
    """The same with "one more convolution block and more channels" (section 4.2): five, of 128 here.

    The paper gives neither the channels nor the latents' dimensions.
    """
    return VAE(_encoder(image_shape, latent_dim, 5, 128), _decoder(image_shape, latent_dim, 5, 128), seed=seed)


def _encoder(image_shape: tuple[int, int, int], latent_dim: int, blocks: int, channels: int) -> keras.Model:
    images = x = keras.Input(image_shape)  # (n, 28, 28, 1)
    for _ in range(blocks):
        x = layers.Conv2D(channels, 3, strides=2, padding="same")(x)  # (n, 14 -> 7 -> 4 -> 2, same, 64)
        x = layers.ReLU()(BatchNormalization()(x))
    x = layers.Flatten()(x)  # (n, 256)
    mean = layers.Dense(latent_dim, name="mean", dtype="float32")(x)  # (n, d)
    log_variance = layers.Dense(latent_dim, name="log_variance", dtype="float32")(x)  # (n, d)
    return keras.Model(images, (mean, log_variance), name="encoder")


def _decoder(image_shape: tuple[int, int, int], latent_dim: int, blocks: int, channels: int) -> keras.Model:
    """Two blocks keep the size and the others double it. The result is cropped to the image's size."""
    factor = 2 ** (blocks - 2)
    height, width = (math.ceil(side / factor) for side in image_shape[:2])
    latents = keras.Input((latent_dim,))  # (n, d)
    x = layers.Dense(height * width * channels, activation="relu")(latents)  # (n, 3136)
    x = layers.Reshape((height, width, channels))(x)  # (n, 7, 7, 64)
    for strides in (1, 1, *[2] * (blocks - 2)):
        x = layers.Conv2DTranspose(channels, 3, strides=strides, padding="same")(x)  # (n, 7 -> 7 -> 14 -> 28, same, 64)
        x = layers.ReLU()(BatchNormalization()(x))
    surplus = [(made * factor - side) for made, side in zip((height, width), image_shape[:2], strict=True)]
    if any(surplus):
        x = layers.Cropping2D([(s // 2, s - s // 2) for s in surplus])(x)
    pixels = layers.Conv2DTranspose(image_shape[2], 3, padding="same", dtype="float32", name="logits")(x)
    return keras.Model(latents, pixels, name="decoder")  # (n, 28, 28, 1)


@keras.saving.register_keras_serializable("latentshot")
class VAE(keras.Model):
    """A VAE with a standard normal prior and a Bernoulli likelihood of each pixel.

    encoder: images (n, height, width, channels) to (mean, log_variance), each (n, latent_dim).
    decoder: latents (n, latent_dim) to the logits of the pixels (n, height, width, channels).
    seed: of the reparametrization noise, which depends on it and the optimizer's iteration alone.

    `fit` takes batches of images in [0, 1] and logs, per image and in nats, `loss` (the negative evidence lower
    bound), `reconstruction` and `kl`.
    """

    def __init__(self, encoder: keras.Model, decoder: keras.Model, seed: int = 0, **kwargs):
        super().__init__(**kwargs)
        self.encoder, self.decoder, self.seed = encoder, decoder, seed
        self.latent_dim: int = decoder.input_shape[-1]
        self.image_shape: tuple[int, int, int] = decoder.output_shape[1:]
        self.trackers = {name: keras.metrics.Mean(name) for name in ("loss", "reconstruction", "kl")}
        self.built = True

    def encode(self, images: tf.Tensor) -> tf.Tensor:
        """Images (n, height, width, channels) to the means of their latents' posteriors, (n, latent_dim)."""
        return self.encoder(images, training=False)[0]

    def generate(self, latents: tf.Tensor) -> tf.Tensor:
        """Latents (n, latent_dim) to images (n, height, width, channels) in [0, 1]."""
        return ops.sigmoid(self.decoder(latents, training=False))

    def call(self, images: tf.Tensor) -> tf.Tensor:
        """The reconstruction of the images."""
        return self.generate(self.encode(images))

    @property
    def metrics(self) -> list[keras.Metric]:
        return list(self.trackers.values())

    def train_step(self, images: tf.Tensor) -> dict[str, tf.Tensor]:
        with tf.GradientTape() as tape:
            mean, log_variance, logits = self._training_pass(images, self.optimizer.iterations)
            pixel_losses = tf.nn.sigmoid_cross_entropy_with_logits(labels=images, logits=logits)
            reconstruction = tf.reduce_mean(tf.reduce_sum(pixel_losses, axis=(1, 2, 3)))
            kl = kl_to_standard_normal(mean, log_variance)
            loss = reconstruction + kl
            scaled_loss = self.optimizer.scale_loss(replica_share(loss))
        variables = self.trainable_variables
        self.optimizer.apply(tape.gradient(scaled_loss, variables), variables)
        for tracker, value in zip(self.metrics, (loss, reconstruction, kl), strict=True):
            tracker.update_state(value)
        return self.get_metrics_result()

    def _training_pass(self, images: tf.Tensor, number: tf.Tensor | int) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        """Means and log variances of the posteriors, (n, d), and the logits (n, h, w, c) of a draw from each.

        number: the batch's; each has noise of its own.
        """
        noise_seed = tf.stack([self.seed, tf.cast(number, tf.int32)])
        mean, log_variance = self.encoder(images, training=True)  # (n, d), (n, d)
        mean, log_variance = tf.cast(mean, tf.float32), tf.cast(log_variance, tf.float32)
        noise = replica_normal((tf.shape(mean)[0], self.latent_dim), noise_seed)
        return mean, log_variance, self.decoder(mean + tf.exp(0.5 * log_variance) * noise, training=True)

    def recompute_statistics(self, batches: Iterable[tf.Tensor]) -> None:
        """Batch normalization's moving statistics anew from batches of images, for use after a short training."""
        parts = [*self.encoder.layers, *self.decoder.layers]
        recompute_moving_statistics(parts, self._training_pass, batches)

    def get_config(self) -> dict:
        return {**super().get_config(), **saved_parts(self, _PARTS), "seed": self.seed}

    @classmethod
    def from_config(cls, config: dict, custom_objects: dict | None = None) -> VAE:
        return cls(**with_loaded_parts(config, _PARTS))


_PARTS = ("encoder", "decoder")


def kl_to_standard_normal(mean: tf.Tensor, log_variance: tf.Tensor) -> tf.Tensor:
    """KL(N(mean, exp(log_variance)) || N(0, 1)) in nats, summed over dimensions, averaged over the batch.

    Kingma & Welling 2014, appendix B.
    """
    each = 0.5 * (tf.square(mean) + tf.exp(log_variance) - log_variance - 1.0)  # (n, d)
    return tf.reduce_mean(tf.reduce_sum(each, axis=1))
