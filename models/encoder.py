"""Networks from images to features, out of the models that hold them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from .generator import EncodingGenerator


def encoder_of(model: Any, image_shape: tuple[int, int, int], name: str) -> keras.Model:
    """Images (n, height, width, channels) in [0, 1] to features (n, n_features), by a model that encodes them.

    model: a generator that encodes, or a Keras model whose output features are. name: for messages.
    Raises ValueError for a model that does not encode, and for one of other images.
    """
    network = _network(model, image_shape, name)
    takes = network.input_shape[1:]
    if any(side not in (None, own) for side, own in zip(takes, image_shape, strict=True)):
        raise ValueError(f"the embedding {name} takes images of {takes}, and these are {image_shape}")
    if None in takes:
        images = keras.Input(image_shape)
        network = keras.Model(images, network(images), name=network.name)
    if len(network.output_shape) != 2 or network.output_shape[-1] is None:
        raise ValueError(
            f"the embedding {name} makes {network.output_shape} of images, and features are (None, n_features): end it "
            "with keras.layers.GlobalAveragePooling2D or Flatten"
        )
    return network


def load_encoder(path: Path, image_shape: tuple[int, int, int]) -> keras.Model:
    """The encoder of a model saved by `model.save("PATH.keras")`. Raises ValueError for what is none."""
    if path.suffix != ".keras" or not path.is_file():
        raise ValueError(
            f"no embedding at {path}: give a .keras file, the folder of a finished run, or vae|acai|bigan|deepcluster"
        )
    from . import acai, bigan, msgan, vae  # noqa: F401 - Keras loads only classes that an import has registered

    try:
        model = keras.models.load_model(path, compile=False)
    except Exception as error:  # Keras raises many kinds for a damaged file, zipfile.BadZipFile among them
        raise ValueError(f"{path} is not a saved Keras model that loads here: {error}") from error
    return encoder_of(model, image_shape, str(path))


def features_by(network: keras.Model) -> Callable[[tf.Tensor], tf.Tensor]:
    """Images (n, height, width, channels) in [0, 1] to the network's features (n, n_features), float32."""
    return lambda images: tf.cast(network(images, training=False), tf.float32)


def _network(model: Any, image_shape: tuple[int, int, int], name: str) -> keras.Model:
    encoder = getattr(model, "encoder", None)
    if isinstance(encoder, keras.Model):
        return keras.Model(encoder.inputs[0], encoder.outputs[0], name=encoder.name)  # of several outputs the mean
    if isinstance(model, EncodingGenerator):  # a module's, which is no Keras model
        images = keras.Input(image_shape)
        # in the module's own precision, whatever the policy
        encode = keras.layers.Lambda(model.encode, output_shape=(model.latent_dim,), dtype="float32")
        return keras.Model(images, encode(images))
    inputs, outputs = getattr(model, "input_shape", None), getattr(model, "output_shape", None)
    if not (isinstance(inputs, tuple) and isinstance(outputs, tuple) and len(inputs) == 4):
        raise ValueError(f"the embedding {name} does not encode images: it has no `encode`, nor images for its input")
    return keras.Model(model.inputs[0], model.outputs[0], name=model.name)  # called with the images, not a list of them
