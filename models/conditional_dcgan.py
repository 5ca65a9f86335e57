"""A DCGAN that is told the class of each image, which the images of GLICO are compared with.

Optimizers, and layers but for what dcgan.py names: Radford, Metz, Chintala 2016,
https://arxiv.org/abs/1511.06434, section 3; how both networks are told the class: Mirza, Osindero: "Conditional
generative adversarial nets", 2014, https://arxiv.org/abs/1411.1784.
Azuri and Weinshall 2020, figure 1, have the same generator in both methods, and say no more of this one.
"""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf
from keras import layers

from ..training.distribution import n_devices, replica_normal, replica_share
from .adversarial import adversarial_cross_entropy, scaled_as
from .batch_norm import BatchNormalization
from .dcgan import MOMENTUM, dcgan_generator, doublings

LEARNING_RATE, BETA_1 = 2e-4, 0.5  # of Adam for both networks, Radford et al., section 3


def dcgan_discriminator(n_classes: int, image_shape: tuple[int, int, int], filters: int = 64) -> keras.Model:
    """Images (n, height, width, channels) in [0, 1] and one-hot labels (n, n_classes) to logits (n, 1), above 0 for
    real ones.

    The generator's layers in reverse: 4x4 convolutions of stride 2. Labels are maps beside the colours, one a class,
    which serve as biases of the first convolution too.
    Raises ValueError as `dcgan_generator` does.
    """
    height, width, _ = image_shape
    images, labels = keras.Input(image_shape), keras.Input((n_classes,))  # (n, 32, 32, c), (n, n_classes)
    maps = layers.Reshape((height, width, n_classes))(layers.RepeatVector(height * width)(labels))
    x = layers.Concatenate()([layers.Rescaling(2.0, -1.0)(images), maps])  # (n, 32, 32, c + n_classes)
    for step in range(doublings(height, width)):
        x = layers.Conv2D(filters * min(8, 2**step), 4, strides=2, padding="same", use_bias=False)(x)  # (n, 16 -> 4)
        if step:
            x = BatchNormalization(momentum=MOMENTUM, synchronized=n_devices() > 1)(x)
        x = layers.LeakyReLU(0.2)(x)
    logits = layers.Dense(1, dtype="float32")(layers.Flatten()(x))  # (n, 1)
    return keras.Model([images, labels], logits, name="dcgan_discriminator")


class ConditionalDCGAN(keras.Model):
    """Makes images of a class from normal latents.

    n_classes, image_shape: of the images. latent_dim, filters: as `dcgan_generator`'s.
    seed: of the latents, which depend on it and the optimizer's iteration alone.

    `fit` takes (images (n, height, width, channels) in [0, 1], labels (n,)) and logs the losses `discriminator` and
    `adversarial`, in nats.
    """

    def __init__(
        self,
        n_classes: int,
        image_shape: tuple[int, int, int],
        latent_dim: int = 100,
        filters: int = 64,
        seed: int = 0,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.n_classes, self.latent_dim, self.seed = n_classes, latent_dim, seed
        self.generator = dcgan_generator(latent_dim + n_classes, image_shape, filters)
        self.discriminator = dcgan_discriminator(n_classes, image_shape, filters)
        self.trackers = {name: keras.metrics.Mean(name) for name in ("discriminator", "adversarial")}
        self.built = True

    def compile(self, **kwargs: Any) -> None:  # type: ignore[override]
        """Both networks get the Adam of the article."""
        super().compile(optimizer=keras.optimizers.Adam(LEARNING_RATE, BETA_1), **{"jit_compile": False, **kwargs})
        self.discriminator_optimizer = scaled_as(self.optimizer, keras.optimizers.Adam(LEARNING_RATE, BETA_1))
        self.optimizer.build(self.generator.trainable_variables)
        self.discriminator_optimizer.build(self.discriminator.trainable_variables)

    def generate(self, labels: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
        """New images (n, height, width, channels) in [0, 1] of the classes (n,), from the seed (2,) alone."""
        latents = tf.random.stateless_normal((tf.shape(labels)[0], self.latent_dim), seed)
        return self.generator(tf.concat([latents, self._one_hot(labels)], axis=1), training=False)

    @property
    def metrics(self) -> list[keras.Metric]:
        return list(self.trackers.values())

    def train_step(self, batch: tuple[tf.Tensor, tf.Tensor]) -> dict[str, tf.Tensor]:
        """One step of the discriminator, then one of the generator, on the same fakes."""
        images, classes = batch[0], self._one_hot(batch[1])  # (n, h, w, c), (n, n_classes)
        seed = tf.stack([self.seed, tf.cast(self.optimizer.iterations, tf.int32)])
        latents = replica_normal((tf.shape(images)[0], self.latent_dim), seed)  # (n, d)
        with tf.GradientTape() as tape:
            fakes = self.generator(tf.concat([latents, classes], axis=1), training=True)  # (n, h, w, c)
            with tape.stop_recording():
                discriminator_loss = self._discriminator_step(images, fakes, classes)
            adversarial_loss = adversarial_cross_entropy(self.discriminator([fakes, classes], training=True), real=True)
            scaled_loss = self.optimizer.scale_loss(replica_share(adversarial_loss))
        variables = self.generator.trainable_variables
        self.optimizer.apply(tape.gradient(scaled_loss, variables), variables)
        self.trackers["discriminator"].update_state(discriminator_loss)
        self.trackers["adversarial"].update_state(adversarial_loss)
        return self.get_metrics_result()

    def _discriminator_step(self, images: tf.Tensor, fakes: tf.Tensor, classes: tf.Tensor) -> tf.Tensor:
        """Real images and fakes are batches of their own, of which batch normalization takes the statistics."""
        with tf.GradientTape() as tape:
            of_real = adversarial_cross_entropy(self.discriminator([images, classes], training=True), real=True)
            loss = of_real + adversarial_cross_entropy(self.discriminator([fakes, classes], training=True), real=False)
            scaled_loss = self.discriminator_optimizer.scale_loss(replica_share(loss))
        variables = self.discriminator.trainable_variables
        self.discriminator_optimizer.apply(tape.gradient(scaled_loss, variables), variables)
        return loss

    def _one_hot(self, labels: tf.Tensor) -> tf.Tensor:
        return tf.one_hot(labels, self.n_classes)
