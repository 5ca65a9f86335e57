"""Pretrained generators of TF-Hub, in the TF1 module format or as SavedModels, for inference only.

Tero Karras et al.: "Progressive growing of GANs", ICLR 2018, https://arxiv.org/abs/1710.10196 (ProGAN);
Jeff Donahue, Karen Simonyan: "Large scale adversarial representation learning", NeurIPS 2019,
https://arxiv.org/abs/1907.02544 (BigBiGAN, which also encodes).
"""

from __future__ import annotations

import hashlib
import sys
from copy import copy
from typing import Any

import tensorflow as tf

from .hub_module import load_module

USUAL_SIGNATURES = ("generate", "default", "serving_default")  # BigBiGAN's, ProGAN's, what Keras exports
ROUNDING = 1e-3  # share of the output range by which a pixel may leave it
UNUSED = 0.25  # share of the output range at one of its ends, in which not one pixel of AT_ONCE images lies
AT_ONCE = 16  # images: what a generator of 128x128 needs for one is tens of MiB


class HubGenerator:
    """A module's images of another size and in [0, 1].

    module: what `load_module` returned.
    image_shape: (height, width, channels) that its images are scaled to; by default the module's own.
    signature: the one that generates; by default the first of USUAL_SIGNATURES that is there, or the only one.
    latent_dim: where the signature does not say it. output_range: the module's lowest and highest pixel.
    Raises ValueError for a signature that is not there or makes no images of so many channels, for pixels outside the
    range, and where latent_dim is neither said nor given, or both and different.
    """

    def __init__(
        self,
        module: Any,
        image_shape: tuple[int, int, int] | None = None,
        signature: str | None = None,
        latent_dim: int | None = None,
        output_range: tuple[float, float] = (0.0, 1.0),
    ):
        self.module = module  # its variables live as long as it does
        self.low, self.high = output_range
        self.function = _signature(module, signature or _usual_signature(module))
        self.output_name = _output(self.function)
        self.input_name, spec = _only_input(self.function)
        self.latent_dim = _latent_dim(spec, latent_dim)
        shape = self.function.structured_outputs[self.output_name].shape
        self.own_shape = tuple(shape[1:]) if shape.rank else (None, None, None)
        self.image_shape = self._checked(image_shape) if image_shape else self.own_shape
        self._check_range()

    @property
    def fingerprint(self) -> str:
        """Sixteen digits of the module's files, whatever signature they serve, and of the variables that generate."""
        digest = hashlib.sha256(self.module.files_digest.encode())
        for variable in self.function.variables:
            digest.update(variable.numpy().tobytes())
        return digest.hexdigest()[:16]

    def scaled_to(self, image_shape: tuple[int, int, int]) -> HubGenerator:
        """The same with images of that shape. Raises ValueError where the module makes other channels."""
        other = copy(self)
        other.image_shape = self._checked(image_shape)
        return other

    def _checked(self, image_shape: tuple[int, int, int]) -> tuple[int, int, int]:
        channels = self.own_shape[-1]
        if channels not in (None, image_shape[2]):
            raise ValueError(f"the module makes images of {channels} channels; {image_shape[2]} are wanted")
        return image_shape

    def _check_range(self) -> None:
        latents = tf.random.stateless_normal((AT_ONCE, self.latent_dim), (0, 0))
        try:
            pixels = self.function(**{self.input_name: latents})
        except Exception as error:  # TensorFlow raises many kinds
            reason = str(error).strip().partition("\n")[0]
            raise ValueError(f"the module fails on {AT_ONCE} latents of {self.latent_dim} numbers: {reason}") from error
        low, high = (float(f(pixels[self.output_name])) for f in (tf.reduce_min, tf.reduce_max))
        slack = ROUNDING * (self.high - self.low)
        if low < self.low - slack or high > self.high + slack:
            raise ValueError(
                f"the module makes pixels from {low:.3g} to {high:.3g}; the output range is {self.low:g} to "
                f"{self.high:g}: name the module's own, as in --output-range -1,1"
            )
        if max(low - self.low, self.high - high) > UNUSED * (self.high - self.low):
            print(
                f"note: the module makes pixels from {low:.3g} to {high:.3g}, and the output range is {self.low:g} to "
                f"{self.high:g}: if that is not its own, name it, as in --output-range 0,1",
                file=sys.stderr,
            )

    def generate(self, latents: tf.Tensor) -> tf.Tensor:
        """Latents (n, latent_dim), standard normal, to images (n, height, width, channels) in [0, 1].

        Raises ValueError where neither the module nor who loaded it says how large they are.
        """
        if None in self.image_shape:
            raise ValueError("the module does not say how large its images are: give image_shape")

        def some(part: tf.Tensor) -> tf.Tensor:
            images = self.function(**{self.input_name: part})[self.output_name]  # (m, 128, 128, c)
            scaled = (tf.cast(images, tf.float32) - self.low) / (self.high - self.low)
            resized = tf.clip_by_value(_resized(scaled, self.image_shape), 0.0, 1.0)  # of rounding, 1.0000002
            return tf.ensure_shape(resized, (None, *self.image_shape))

        return in_parts(some, latents, self.image_shape)


class EncodingHubGenerator(HubGenerator):
    """One whose module also has a signature `encode`, from images in the output's range, with the output `z_mean`."""

    def __init__(self, module: Any, *args: Any, **kwargs: Any):
        super().__init__(module, *args, **kwargs)
        self.encoder = _signature(module, "encode")
        self.image_name, spec = _only_input(self.encoder)
        self.encoded_shape = tuple(spec.shape[1:])  # (256, 256, 3)

    def encode(self, images: tf.Tensor) -> tf.Tensor:
        """Images (n, height, width, channels) in [0, 1] to the means of their latents' posteriors, (n, latent_dim)."""

        def some(part: tf.Tensor) -> tf.Tensor:
            scaled = self.low + (self.high - self.low) * _resized(part, self.encoded_shape)
            return tf.ensure_shape(self.encoder(**{self.image_name: scaled})["z_mean"], (None, self.latent_dim))

        return in_parts(some, images, (self.latent_dim,))


def hub_generator(
    handle: str,
    image_shape: tuple[int, int, int] | None = None,
    signature: str | None = None,
    latent_dim: int | None = None,
    output_range: tuple[float, float] = (0.0, 1.0),
) -> HubGenerator:
    """The generator of a module, which encodes if the module does. See `HubGenerator` and `load_module`."""
    module = load_module(handle)
    encodes = "encode" in module.signatures and "z_mean" in module.signatures["encode"].structured_outputs
    kind = EncodingHubGenerator if encodes else HubGenerator
    return kind(module, image_shape, signature, latent_dim, output_range)


def _usual_signature(module: Any) -> str:
    """The first of the usual names, else the only signature, else the usual name that is missing."""
    only = [name for name in module.signatures if name != "encode"]
    usual = [name for name in USUAL_SIGNATURES if name in only]
    return (usual or (only if len(only) == 1 else ["default"]))[0]


def _signature(module: Any, name: str) -> Any:
    if name not in module.signatures:
        raise ValueError(f"the module has no signature {name!r}: choose one of {', '.join(sorted(module.signatures))}")
    return module.signatures[name]


def _only_input(function: Any) -> tuple[str, tf.TensorSpec]:
    inputs = function.structured_input_signature[1]
    if len(inputs) != 1:
        raise ValueError(f"the module's signature takes {', '.join(sorted(inputs))}: a generator takes latents alone")
    return next(iter(inputs.items()))


def _latent_dim(spec: tf.TensorSpec, given: int | None) -> int:
    said: int | None = spec.shape[-1] if spec.shape.rank == 2 else None
    if given is None and said is None:
        raise ValueError("the module does not say how long its latents are: give latent_dim")
    if given is None or said is None:
        return given or said or 0
    if said != given:
        raise ValueError(f"latent_dim is {given}; the module's latents have {said} dimensions")
    return said


def _output(function: Any) -> str:
    outputs = function.structured_outputs
    if "default" not in outputs and len(outputs) > 1:
        raise ValueError(f"the module's signature gives {', '.join(sorted(outputs))}, and none is called default")
    name = "default" if "default" in outputs else next(iter(outputs))
    if outputs[name].shape.rank not in (None, 4):
        raise ValueError(f"the module's signature gives {outputs[name].shape}: no images")
    return name


def _resized(images: tf.Tensor, shape: tuple[int, ...]) -> tf.Tensor:
    """Images (n, h, w, c) scaled to the (height, width) that the shape begins with, smoothed where it is smaller."""
    if None in shape[:2] or tuple(images.shape[1:3]) == tuple(shape[:2]):
        return images
    return tf.image.resize(images, shape[:2], antialias=True)


def in_parts(function: Any, inputs: tf.Tensor, output_shape: tuple[int, ...]) -> tf.Tensor:
    """function(inputs), but of AT_ONCE rows at a time, so that memory does not grow with them: (n, *output_shape)."""
    n = tf.shape(inputs)[0]
    n_parts = tf.maximum(-(-n // AT_ONCE), 1)
    size = -(-n // n_parts)  # parts of one size, the last filled up with the first rows
    padded = tf.gather(inputs, tf.range(n_parts * size) % n)
    parts = tf.reshape(padded, tf.concat([[n_parts, size], tf.shape(inputs)[1:]], axis=0))
    spec = tf.TensorSpec((None, *output_shape), tf.float32)
    results = tf.map_fn(function, parts, fn_output_signature=spec, parallel_iterations=1)
    return tf.ensure_shape(tf.reshape(results, (-1, *output_shape))[:n], (inputs.shape[0], *output_shape))
