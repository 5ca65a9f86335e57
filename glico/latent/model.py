"""GLICO: codes, a generator and a weak classifier, optimized together (Azuri and Weinshall 2020, algorithm 1)."""

from __future__ import annotations

import gc
from collections.abc import Callable, Sequence
from typing import Any, Literal, get_args

import keras
import tensorflow as tf

from ...training.choices import check_one_of
from ...training.distribution import all_gathered, replica_normal, replica_share
from .codes import Codes
from .targets import TargetCache

UNLABELLED = -1
Noise = Literal["concatenated", "additive"]
Space = Literal["image", "latent"]


class GLICO(keras.Model):
    """Reconstructs each image from its code, so that a weak classifier can still tell its class.

    codes: one for each image. generator: (n, input_dim) to images in [0, 1], input_dim being that of the codes and
        noise_dim together, or with additive noise of the codes alone.
    classifier: images, or in space `latent` codes, to logits; None leaves it out (table II, "No Classifier").
    reconstruction_loss: generated images and targets to the loss of each image (n,): `PerceptualLoss`, `LaplacianLoss`.
    targets: indices of images (n,) to what the loss compares with, as `TargetCache` gives them.
    gamma: weight of the cross-entropy, the mean over the labelled images of a batch; the reconstruction's mean is over
        all. Images without labels, whose steps the paper has apart (algorithm 1), share batches with the others.
    sigma: standard deviation of the noise. seed: of the noise, which depends on it and the optimizer's iteration alone.
    `fit` takes {"index": (n,), "label": (n,)}, no index twice in a batch, labels -1 where there is none, and logs
    `reconstruction`, `cross_entropy` (in nats) and `accuracy` of the weak classifier in percent.
    Raises ValueError for a negative gamma or sigma, another noise or classifier_space, and for a generator whose inputs
    do not fit.
    """

    def __init__(
        self,
        codes: Codes,
        generator: keras.Model,
        classifier: keras.Model | None,
        reconstruction_loss: Callable[[tf.Tensor, Sequence[tf.Tensor]], tf.Tensor],
        targets: Callable[[tf.Tensor], Sequence[tf.Tensor]],
        gamma: float = 0.5,
        noise_dim: int = 16,
        sigma: float = 0.15,
        noise: Noise = "concatenated",
        classifier_space: Space = "image",
        seed: int = 0,
        **kwargs,
    ):
        super().__init__(**kwargs)
        for name, value in (("gamma", gamma), ("sigma", sigma)):
            if not value >= 0:
                raise ValueError(f"{name} is {value:g}; it must be 0 or more")
        check_one_of("noise", noise, get_args(Noise))
        check_one_of("classifier_space", classifier_space, get_args(Space))
        self.codes, self.generator, self.classifier = codes, generator, classifier
        self.reconstruction_loss, self.targets = reconstruction_loss, targets
        self.gamma, self.sigma, self.noise, self.classifier_space, self.seed = (
            gamma,
            sigma,
            noise,
            classifier_space,
            seed,
        )
        latent_dim = codes.table.shape[1]
        self.noise_dim = latent_dim if noise == "additive" else noise_dim
        expected = latent_dim + (0 if noise == "additive" else noise_dim)
        if generator.input_shape[-1] != expected:
            raise ValueError(
                f"the generator takes {generator.input_shape[-1]} numbers, codes and noise have {expected}"
            )
        self.trackers = {name: keras.metrics.Mean(name) for name in ("reconstruction", "cross_entropy", "accuracy")}
        self.built = True

    def forget_targets(self) -> None:
        """Frees the memory that only more training would need."""
        self.train_function = None  # its graph holds them too
        if isinstance(self.targets, TargetCache):
            self.targets.forget()
        gc.collect()  # the graph is in a cycle, which Python may leave for long: it counts objects and not bytes

    def compile(self, optimizer: keras.Optimizer, **kwargs: Any) -> None:  # type: ignore[override]
        """optimizer: of the generator and the classifier; the codes have their own.

        Without XLA unless asked: on CPUs it makes VGG's convolutions several times slower.
        """
        super().compile(optimizer=optimizer, **{"jit_compile": False, **kwargs})
        self.optimizer.build(self._shared_variables())

    def generate(self, codes: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
        """Images (n, height, width, channels) in [0, 1] of codes (n, d), with fresh noise of the seed (2,)."""
        return self.generator(self._with_noise(codes, seed), training=False)

    def decode(self, codes: tf.Tensor, noise: tf.Tensor) -> tf.Tensor:
        """As `generate`, with the noise (n, noise_dim) given: standard normal, or zeros for none."""
        return self.generator(self._joined(codes, noise), training=False)

    def chances(self, indices: tf.Tensor) -> tf.Tensor:
        """The weak classifier's probabilities (n, n_classes) for the images (n,), as their codes show them."""
        if self.classifier is None:
            raise ValueError("the model has no classifier that could be asked: give it one")
        codes = self.codes(indices)  # (n, d)
        in_images = self.classifier_space == "image"
        seen = self.decode(codes, tf.zeros((tf.shape(codes)[0], self.noise_dim))) if in_images else codes
        return tf.nn.softmax(self.classifier(seen, training=False))

    @property
    def metrics(self) -> list[keras.Metric]:
        return list(self.trackers.values())

    def train_step(self, batch: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        """One joint step of codes, generator and classifier."""
        indices, labels = batch["index"], batch["label"]
        targets = self.targets(indices)
        seed = tf.stack([self.seed, tf.cast(self.optimizer.iterations, tf.int32)])
        variables = self._shared_variables()
        codes = self.codes(indices)  # (n, d)
        with tf.GradientTape() as tape:
            tape.watch(codes)
            images = self.generator(self._with_noise(codes, seed), training=True)  # (n, h, w, c)
            reconstruction = tf.reduce_mean(self.reconstruction_loss(images, targets))
            cross_entropy = self._cross_entropy(codes, images, labels)
            scaled_loss = self.optimizer.scale_loss(replica_share(reconstruction + self.gamma * cross_entropy))
        code_gradients, *gradients = tape.gradient(scaled_loss, [codes, *variables])
        self._update_codes(all_gathered(indices), all_gathered(code_gradients), gradients)
        self.optimizer.apply(gradients, variables)
        self.trackers["reconstruction"].update_state(reconstruction)
        self.trackers["cross_entropy"].update_state(cross_entropy)
        return self.get_metrics_result()

    def _update_codes(self, indices: tf.Tensor, scaled_gradients: tf.Tensor, others: Sequence[tf.Tensor]) -> None:
        """Where losses are scaled, a step with an overflow in any gradient is skipped.

        others: the gradients of generator and classifier, for which Keras's optimizer does the same.
        """
        if not isinstance(self.optimizer, keras.optimizers.LossScaleOptimizer):
            self.codes.update(indices, scaled_gradients)
            return
        gradients = scaled_gradients / self.optimizer.scale_loss(1.0)
        finite = tf.reduce_all([tf.reduce_all(tf.math.is_finite(each)) for each in (gradients, *others)])
        self.codes.update(indices, gradients, finite)

    def _cross_entropy(self, codes: tf.Tensor, images: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
        """Mean over the labelled images of the batch, in nats; 0 where there are none."""
        if self.classifier is None:
            return tf.zeros(())
        logits = self.classifier(images if self.classifier_space == "image" else codes, training=True)  # (n, classes)
        labelled = tf.cast(labels != UNLABELLED, tf.float32)  # (n,)
        known = tf.maximum(labels, 0)
        each = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=known, logits=logits)
        right = tf.cast(tf.argmax(logits, axis=1, output_type=known.dtype) == known, tf.float32)
        self.trackers["accuracy"].update_state(100.0 * right, sample_weight=labelled)
        n_labelled = replica_share(tf.reduce_sum(all_gathered(labelled)))
        return tf.math.divide_no_nan(tf.reduce_sum(labelled * each), n_labelled)

    def _with_noise(self, codes: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
        """The generator's input [z, noise] of section III-B, or z + noise of section V-B."""
        return self._joined(codes, replica_normal((tf.shape(codes)[0], self.noise_dim), seed))

    def _joined(self, codes: tf.Tensor, noise: tf.Tensor) -> tf.Tensor:
        noise = self.sigma * noise
        return codes + noise if self.noise == "additive" else tf.concat([codes, noise], axis=1)

    def _shared_variables(self) -> list[keras.Variable]:
        classifier = self.classifier.trainable_variables if self.classifier else []
        return [*self.generator.trainable_variables, *classifier]
