"""Features of VGG-16 for perceptual losses.

Karen Simonyan, Andrew Zisserman: "Very deep convolutional networks for large-scale image recognition", ICLR 2015,
https://arxiv.org/abs/1409.1556; taps as in Azuri and Weinshall 2020, equation 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import h5py
import keras

TAPS = tuple(f"block{block}_conv2" for block in range(1, 6))  # the paper's conv1_2 to conv5_2
SMALLEST_SIDE = 32  # pixels, which five halvings bring to 1
LAPLACIAN = "the Laplacian-pyramid loss (--perceptual laplacian)"


def vgg_features(
    image_shape: tuple[int, int, int], taps: Sequence[str] = TAPS, weights: str | Path = "imagenet"
) -> keras.Model:
    """A frozen model from images (n, height, width, 3) in [0, 1] to the list of the taps' activations.

    weights: `imagenet`, which Keras downloads once (58 MB), or the file that it downloads; or a .weights.h5 file of
        VGG-16 from its first convolution up to any later one, such as
        `keras.Model(vgg.input, vgg.get_layer("block2_conv2").output)` saves.
    Raises ValueError for unknown taps, for taps that the file lacks and for images that are too small or not RGB, and
    RuntimeError, with the ways out, where the download fails.
    """
    unknown = [tap for tap in taps if tap not in TAPS]
    if unknown or not taps:
        raise ValueError(f"taps {', '.join(unknown) or 'none'}: choose among {', '.join(TAPS)}")
    if image_shape[-1] != 3:
        raise ValueError(f"VGG-16 takes images of 3 channels, not {image_shape[-1]}: use {LAPLACIAN}")
    if min(image_shape[:2]) < SMALLEST_SIDE:
        raise ValueError(
            f"VGG-16 takes images of {SMALLEST_SIDE} pixels a side or more, not {image_shape[:2]}: scale them up (of "
            f"folders and tfds by --image-size), or use {LAPLACIAN}"
        )
    network = _imagenet(image_shape) if weights == "imagenet" else _from_file(image_shape, Path(weights))
    held = [layer.name for layer in network.layers]
    lacking = [tap for tap in taps if tap not in held]
    if lacking:
        raise ValueError(f"{weights} ends at {held[-1]} and lacks {', '.join(lacking)}: leave them out of the taps")
    images = keras.Input(image_shape)  # (n, h, w, 3)
    pixels = keras.applications.vgg16.preprocess_input(images * 255.0)  # BGR, less ImageNet's means
    tapped = keras.Model(network.input, [network.get_layer(tap).output for tap in taps])
    features = keras.Model(images, tapped(pixels), name="vgg_features")
    features.trainable = False
    return features


def _imagenet(image_shape: tuple[int, int, int]) -> keras.Model:
    try:
        return keras.applications.VGG16(include_top=False, weights="imagenet", input_shape=image_shape)
    except Exception as error:  # whatever the download raises, the ways out are the same
        raise RuntimeError(
            f"VGG-16's ImageNet weights could not be downloaded ({type(error).__name__}: {error}). Ways out: run once "
            "with a network; or name a file of weights (--vgg-weights FILE, with --taps where it holds the first "
            f"blocks alone); or use {LAPLACIAN}, which needs none"
        ) from error


def _from_file(image_shape: tuple[int, int, int], path: Path) -> keras.Model:
    """VGG-16 up to the last convolution that the file holds, with its weights."""
    try:
        with h5py.File(path) as file:
            if "block1_conv1" in file:  # as keras.applications downloads it: all of VGG-16, by the layers' names
                return keras.applications.VGG16(include_top=False, weights=str(path), input_shape=image_shape)
            n_convolutions = sum(name.startswith("conv2d") for name in file["layers"])
        return _up_to_convolution(n_convolutions, image_shape, path)
    except Exception as error:  # h5py and Keras raise many kinds for a damaged file
        reason = str(error).strip().partition("\n")[0]
        raise ValueError(f"{path} is no .weights.h5 file of VGG-16 in Keras 3: {reason}") from error


def _up_to_convolution(n_convolutions: int, image_shape: tuple[int, int, int], path: Path) -> keras.Model:
    network = keras.applications.VGG16(include_top=False, weights=None, input_shape=image_shape)
    convolutions = [layer for layer in network.layers if isinstance(layer, keras.layers.Conv2D)]
    if not 1 <= n_convolutions <= len(convolutions):
        raise ValueError(f"it holds {n_convolutions} convolutions; VGG-16 has {len(convolutions)}")
    part = keras.Model(network.input, convolutions[n_convolutions - 1].output)
    part.load_weights(path)
    return part
