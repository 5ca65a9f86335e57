"""What a generator is here, so that any of them, ours or a third party's, can make tasks.

A generator has `latent_dim`, `image_shape` and `generate(latents) -> images`, and is meant to be fed standard normal
latents. One that can also `encode(images) -> latents` lets tasks grow from real images (LASIUM, figure 2).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import h5py
import keras
import tensorflow as tf


@runtime_checkable
class Generator(Protocol):
    latent_dim: int
    image_shape: tuple[int, int, int]

    def generate(self, latents: tf.Tensor) -> tf.Tensor:
        """Latents (n, latent_dim) to images (n, height, width, channels), float32 in [0, 1]."""
        ...


@runtime_checkable
class EncodingGenerator(Generator, Protocol):
    def encode(self, images: tf.Tensor) -> tf.Tensor:
        """Images (n, height, width, channels), float32 in [0, 1], to latents (n, latent_dim)."""
        ...


class FunctionalGenerator:
    """Any Keras model from (n, latent_dim) to (n, height, width, channels), seen as a generator.

    Raises ValueError where the model's shapes are not those of a generator.
    """

    def __init__(self, model: keras.Model):
        inputs, outputs = _shape(model, "input_shape"), _shape(model, "output_shape")
        if len(inputs) != 2 or len(outputs) != 4 or None in inputs[1:] + outputs[1:]:
            raise ValueError(
                f"{model.name!r} maps {inputs} to {outputs}; a generator maps (None, latent_dim) to "
                "(None, height, width, channels)"
            )
        self.model = model
        self.latent_dim: int = inputs[1]
        self.image_shape: tuple[int, int, int] = outputs[1:]

    def generate(self, latents: tf.Tensor) -> tf.Tensor:
        return self.model(latents, training=False)


def has_prior(generator: Generator) -> bool:
    """Does the generator make images of standard normal latents? Else only of those of images."""
    return getattr(generator, "has_prior", True)


def as_generator(model: Any) -> Generator:
    """The model itself if it is a `Generator`, else a `FunctionalGenerator` around it."""
    return model if isinstance(model, Generator) else FunctionalGenerator(model)


def check_generator(generator: Generator, n: int = 64) -> None:
    """Raises ValueError where images that it makes are not as `Generator` says. n: how many are looked at."""
    images = tf.convert_to_tensor(generator.generate(tf.random.stateless_normal((n, generator.latent_dim), (0, 0))))
    shape = (n, *generator.image_shape)
    if tuple(images.shape) != shape or not images.dtype.is_floating:
        raise ValueError(
            f"the generator makes {images.dtype.name} of shape {tuple(images.shape)} from {n} latents; by its "
            f"image_shape they must be floats of shape {shape}"
        )
    low, high = float(tf.reduce_min(images)), float(tf.reduce_max(images))
    if not (bool(tf.reduce_all(tf.math.is_finite(images))) and low >= 0.0 and high <= 1.0):
        raise ValueError(
            f"the generator makes pixels from {low:.3g} to {high:.3g}; they must be finite and lie in [0, 1]: end it "
            "with a layer that brings them there, for a tanh keras.layers.Rescaling(0.5, 0.5)"
        )


def load_generator(path: str | Path) -> Generator:
    """A generator saved by `model.save("PATH.keras")`. Raises ValueError for what is not one."""
    if not Path(path).exists():
        raise ValueError(
            f"no generator at {path}: give a .keras file, as bin/train_generator.py writes it, or vae|msgan|acai|bigan"
        )
    if Path(path).suffix in (".h5", ".hdf5") and (version := _keras_2(Path(path))):
        raise ValueError(
            f"{path} was saved by Keras {version}, and Keras 3 cannot load it: with the package tf_keras, "
            f"tf_keras.models.load_model({str(path)!r}).export('FOLDER') makes a SavedModel of it, which --generator "
            "hub:FOLDER takes"
        )
    if Path(path).suffix != ".keras":
        raise ValueError(f"{path} is not a .keras file: load it where it was made and save it by model.save('X.keras')")
    from ..models import acai, bigan, msgan, vae  # noqa: F401 - Keras loads only classes that an import has registered

    try:
        model = keras.models.load_model(path, compile=False)
    except Exception as error:  # Keras raises many kinds for a damaged file, zipfile.BadZipFile among them
        raise ValueError(f"{path} is not a saved Keras model that loads here: {error}") from error
    return as_generator(model)


def _keras_2(file: Path) -> str:
    """The version of Keras 2 that saved the file; empty for any other file."""
    try:
        with h5py.File(file) as opened:
            version = opened.attrs.get("keras_version", "")
    except OSError:
        return ""
    version = version.decode() if isinstance(version, bytes) else str(version)
    return version if version.startswith("2.") else ""


def _shape(model: keras.Model, name: str) -> tuple:
    shape = getattr(model, name, None)
    return shape if isinstance(shape, tuple) else ()
