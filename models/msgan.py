"""The mode-seeking GAN of LASIUM's Omniglot experiments.

Qi Mao, Hsin-Ying Lee, Hung-Yu Tseng, Siwei Ma, Ming-Hsuan Yang: "Mode seeking generative adversarial networks for
diverse image synthesis", CVPR 2019, https://arxiv.org/abs/1903.05628; layers as in Khodadadeh et al. 2020, section 4.2.
"""

from __future__ import annotations

import keras
import tensorflow as tf
from keras import layers

from ..training.distribution import replica_normal, replica_share
from .adversarial import adversarial_cross_entropy, scaled_as
from .parts import saved_parts, with_loaded_parts


def omniglot_msgan(
    image_shape: tuple[int, int, int] = (28, 28, 1), latent_dim: int = 128, mode_seeking: float = 0.01, seed: int = 0
) -> MSGAN:
    """The paper's MSGAN (section 4.2) for images whose sides divide by 4.

    mode_seeking: the paper gives no weight, and Mao et al. 1, with which strokes never form (docs/results/msgan.md).
    """
    return MSGAN(_generator(image_shape, latent_dim), _discriminator(image_shape), mode_seeking, seed)


def _generator(image_shape: tuple[int, int, int], latent_dim: int) -> keras.Model:
    height, width, channels = image_shape
    if height % 4 or width % 4:
        raise ValueError(f"images of {height}x{width} do not fit the MSGAN: both sides must divide by 4")
    latents = keras.Input((latent_dim,))  # (n, d)
    x = layers.Dense(height // 4 * (width // 4) * 128)(latents)  # (n, 6272)
    x = layers.LeakyReLU(0.2)(x)
    x = layers.Reshape((height // 4, width // 4, 128))(x)  # (n, 7, 7, 128)
    for _ in range(2):
        x = layers.Conv2DTranspose(128, 4, strides=2, padding="same")(x)  # (n, 14 -> 28, same, 128)
        x = layers.LeakyReLU(0.2)(x)
    # Transposed at stride 1 is the same family of functions as the paper's convolution; its gradient is 9 times faster.
    images = layers.Conv2DTranspose(channels, 7, padding="same", activation="sigmoid", dtype="float32")(
        x
    )  # (n, 28, 28, 1)
    return keras.Model(latents, images, name="generator")


def _discriminator(image_shape: tuple[int, int, int]) -> keras.Model:
    images = x = keras.Input(image_shape)  # (n, 28, 28, 1)
    for filters in (64, 128, 128):
        x = layers.Conv2D(filters, 3, strides=2, padding="same")(x)  # (n, 14 -> 7 -> 4, same, filters)
        x = layers.LeakyReLU(0.2)(x)
    x = layers.GlobalMaxPooling2D()(x)  # (n, 128)
    logits = layers.Dense(1, dtype="float32")(x)  # (n, 1), above 0 for real
    return keras.Model(images, logits, name="discriminator")


@keras.saving.register_keras_serializable("latentshot")
class MSGAN(keras.Model):
    """A GAN whose generator is also rewarded for making different images of different latents.

    generator: latents (n, latent_dim) to images (n, height, width, channels) in [0, 1].
    discriminator: images to logits (n, 1), above 0 for real.
    mode_seeking: the weight of the mode-seeking loss; 1 in Mao et al.
    seed: of the latents, which depend on it and the optimizer's iteration alone.

    `fit` takes batches of images in [0, 1] and logs `discriminator`, `adversarial` and `mode_seeking` losses.
    """

    def __init__(
        self, generator: keras.Model, discriminator: keras.Model, mode_seeking: float = 1.0, seed: int = 0, **kwargs
    ):
        super().__init__(**kwargs)
        self.generator, self.discriminator = generator, discriminator
        self.mode_seeking, self.seed = mode_seeking, seed
        self.latent_dim: int = generator.input_shape[-1]
        self.image_shape: tuple[int, int, int] = generator.output_shape[1:]
        self.trackers = {name: keras.metrics.Mean(name) for name in ("discriminator", "adversarial", "mode_seeking")}
        self.built = True

    def compile(self, optimizer: keras.Optimizer, discriminator_optimizer: keras.Optimizer, **kwargs) -> None:  # type: ignore[override]
        super().compile(optimizer=optimizer, **kwargs)
        self.discriminator_optimizer = scaled_as(self.optimizer, discriminator_optimizer)
        self.optimizer.build(self.generator.trainable_variables)
        self.discriminator_optimizer.build(self.discriminator.trainable_variables)

    def generate(self, latents: tf.Tensor) -> tf.Tensor:
        """Latents (n, latent_dim) to images (n, height, width, channels) in [0, 1]."""
        return self.generator(latents, training=False)

    def call(self, latents: tf.Tensor) -> tf.Tensor:
        return self.generate(latents)

    @property
    def metrics(self) -> list[keras.Metric]:
        return list(self.trackers.values())

    def train_step(self, images: tf.Tensor) -> dict[str, tf.Tensor]:
        """One step of the discriminator, then one of the generator, on the same fakes; their halves are the pairs."""
        n, half = tf.shape(images)[0], tf.shape(images)[0] // 2
        seed = tf.stack([self.seed, tf.cast(self.optimizer.iterations, tf.int32)])
        latents = replica_normal((n, self.latent_dim), seed)
        with tf.GradientTape() as tape:
            fakes = self.generator(latents, training=True)  # (n, h, w, c)
            with tf.GradientTape() as discriminator_tape:
                judged = self.discriminator(tf.concat([images, tf.stop_gradient(fakes)], axis=0), training=True)
                of_real = adversarial_cross_entropy(judged[:n], real=True)
                discriminator_loss = of_real + adversarial_cross_entropy(judged[n:], real=False)
                scaled_discriminator_loss = self.discriminator_optimizer.scale_loss(replica_share(discriminator_loss))
            with tape.stop_recording():
                variables = self.discriminator.trainable_variables
                gradients = discriminator_tape.gradient(scaled_discriminator_loss, variables)
                self.discriminator_optimizer.apply(gradients, variables)
            adversarial_loss = adversarial_cross_entropy(self.discriminator(fakes, training=True), real=True)
            mode_seeking_loss = mode_seeking_regularizer(fakes[:half], fakes[-half:], latents[:half], latents[-half:])
            loss = adversarial_loss + self.mode_seeking * mode_seeking_loss
            scaled_loss = self.optimizer.scale_loss(replica_share(loss))
        variables = self.generator.trainable_variables
        self.optimizer.apply(tape.gradient(scaled_loss, variables), variables)
        losses = (discriminator_loss, adversarial_loss, mode_seeking_loss)
        for tracker, value in zip(self.metrics, losses, strict=True):
            tracker.update_state(value)
        return self.get_metrics_result()

    def get_config(self) -> dict:
        own = {"mode_seeking": self.mode_seeking, "seed": self.seed}
        return {**super().get_config(), **saved_parts(self, _PARTS), **own}

    @classmethod
    def from_config(cls, config: dict, custom_objects: dict | None = None) -> MSGAN:
        return cls(**with_loaded_parts(config, _PARTS))


_PARTS = ("generator", "discriminator")


def mode_seeking_regularizer(
    images_1: tf.Tensor, images_2: tf.Tensor, latents_1: tf.Tensor, latents_2: tf.Tensor
) -> tf.Tensor:
    """1 / (mean |I(z1) - I(z2)| / mean |z1 - z2| + 1e-5), Mao et al. 2019, equation 3, as a loss to minimize.

    Distances of images are on the scale [-1, 1] of that paper's images.
    """
    image_distance = 2.0 * tf.reduce_mean(tf.abs(images_1 - images_2))
    latent_distance = tf.reduce_mean(tf.abs(latents_1 - latents_2))
    return 1.0 / (image_distance / latent_distance + 1e-5)
