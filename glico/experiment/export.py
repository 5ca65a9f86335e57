"""The SavedModel of a trained classifier and of what made its images. It needs only TensorFlow."""

from __future__ import annotations

from pathlib import Path

import keras
import tensorflow as tf

from ..classify.conditional_sampling import ConditionalSampler
from ..latent.sampling import LatentSampler


def export(path: Path, network: keras.Model, sampler: LatentSampler | ConditionalSampler | None) -> None:
    """Writes `classify` and, where there is a sampler, `sample`, and of GLICO's `between` and `members`.

    classify(images): float32 in [0, 1], (n, height, width, channels), to probabilities (n, n_classes).
    sample(labels, seed): labels (n,) and a whole number to new images (n, height, width, channels) in [0, 1]; the same
        seed gives the same images.
    between(first, second, share, noise): images (n, height, width, channels) so far (n,) between the codes of two
        images, by their places (n,) in the list of the sample; noise (n, noise_dim) is standard normal, or zeros.
    members(label): a class () to the places (k,) of its images.
    """
    archive = keras.export.ExportArchive()
    archive.track(network)

    def classify(images: tf.Tensor) -> tf.Tensor:
        return tf.nn.softmax(network(images, training=False))

    archive.add_endpoint("classify", classify, input_signature=[tf.TensorSpec((None, *network.input_shape[1:]))])
    if sampler is not None:
        archive.track(sampler.model.generator)

        def sample(labels: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
            return sampler.of_classes(labels, tf.stack([seed, 0]))

        signature = [tf.TensorSpec((None,), tf.int32), tf.TensorSpec((), tf.int32)]
        archive.add_endpoint("sample", sample, input_signature=signature)
    if isinstance(sampler, LatentSampler):
        archive.track(sampler.model.codes)

        def between(first: tf.Tensor, second: tf.Tensor, share: tf.Tensor, noise: tf.Tensor) -> tf.Tensor:
            codes = sampler.model.codes(first), sampler.model.codes(second)
            return sampler.model.decode(sampler.interpolate(*codes, share), noise)

        places, noise = tf.TensorSpec((None,), tf.int32), tf.TensorSpec((None, sampler.model.noise_dim))
        archive.add_endpoint("between", between, input_signature=[places, places, tf.TensorSpec((None,)), noise])
        archive.add_endpoint("members", sampler.members, input_signature=[tf.TensorSpec((), tf.int32)])
    archive.write_out(str(path), verbose=False)
