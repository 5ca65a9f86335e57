"""The features of networks that Keras brings (https://keras.io/api/applications), with weights or without."""

from __future__ import annotations

import math
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any, Literal, get_args

import keras

from ..training.choices import check_one_of

Pooling = Literal["avg", "flatten"]
SMALLEST_SIDE = 32  # pixels
EFFICIENTNETS = tuple(f"efficientnetb{n}" for n in range(8))
DEVIATIONS = (0.229, 0.224, 0.225)  # of ImageNet's colours, as Keras has them for these networks


def application(
    name: str,
    image_shape: tuple[int, int, int],
    weights: str | Path | None = None,
    side: int | None = None,
    pooling: Pooling = "avg",
) -> keras.Model:
    """Images (n, height, width, 1 or 3) in [0, 1] to the features (n, n_features) before the head.

    Grey images become three equal channels.

    name: that of a function of keras.applications, such as resnet-50, vgg19 or mobilenet; behind a colon the width
        `alpha` of those that have one, as in mobilenet:0.25.
    weights: `imagenet`, which Keras downloads once; a file of the network without its head, as Keras publishes them
        (...no_top.h5); None for random ones.
    side: pixels that images are first scaled to; None leaves them as they are.
    pooling: avg is the mean of the last maps over positions, flatten all of their numbers.
    Raises ValueError for an unknown name or pooling, for images that are too small, or neither grey nor RGB, and for a
    file that is none of this network's; RuntimeError where the download fails.
    """
    build, preprocess, options = _found(name)
    check_one_of("pooling", pooling, get_args(Pooling))
    height, width, channels = image_shape
    seen = (side or height, side or width, 3)
    if channels not in (1, 3):
        raise ValueError(f"{name} takes grey images or RGB, not {channels} channels")
    if min(seen[:2]) < SMALLEST_SIDE:
        raise ValueError(
            f"{name} takes images of {SMALLEST_SIDE} pixels a side or more, not {seen[0]}x{seen[1]}: scale them up "
            "(of folders and tfds by --image-size; bin/train_meta.py has --network-side), or take another network"
        )
    network = _with_weights(name, lambda w: build(include_top=False, weights=w, input_shape=seen, **options), weights)
    images = x = keras.Input(image_shape)  # (n, h, w, c)
    if channels == 1:
        x = keras.ops.repeat(x, 3, axis=-1)  # (n, h, w, 3)
    if side:
        # not the layer Resizing, whose default of training=True Keras 3.15 hands on to the layers after it
        x = keras.ops.image.resize(x, (side, side), interpolation="bicubic", antialias=True)  # (n, side, side, 3)
        x = keras.ops.clip(x, 0.0, 1.0)  # a cubic passes beyond the pixels
    maps = network(preprocess(x * 255.0))  # (n, h', w', c'), of pixels scaled as the weights expect
    pool = keras.layers.GlobalAveragePooling2D() if pooling == "avg" else keras.layers.Flatten()
    return keras.Model(images, pool(maps), name=network.name)  # (n, c') or (n, h' w' c')


def keep_statistics(network: keras.Model) -> None:
    """Batch normalization goes on with the statistics that came with the weights, and they are not trained.

    https://keras.io/guides/transfer_learning says why: those of a few batches would undo what was learned.
    """
    for layer in network._flatten_layers():
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.trainable = False


def _plain(name: str) -> str:
    return name.partition(":")[0].replace("-", "").lower()


def _functions() -> dict[str, str]:
    """The names of Keras's functions by the names that we take."""
    return {found.lower(): found for found in vars(keras.applications) if found[0].isupper()}


def _found(name: str) -> tuple[Callable[..., keras.Model], Callable[..., Any], dict[str, Any]]:
    """The function that builds the network, the scaling of its pixels from [0, 255], and its options."""
    functions = _functions()
    if _plain(name) not in functions:
        raise ValueError(f"keras.applications has no network {name!r}: choose among {', '.join(sorted(functions))}")
    build = getattr(keras.applications, functions[_plain(name)])
    module: ModuleType = sys.modules[build.__module__]
    return build, module.preprocess_input, _width(name)


def _width(name: str) -> dict[str, float]:
    """`alpha`, where the name has one behind a colon."""
    _, colon, alpha = name.partition(":")
    if not colon:
        return {}
    try:
        width = float(alpha)
    except ValueError:
        width = 0.0
    if not 0 < width < math.inf:
        raise ValueError(f"{name}: {alpha!r} is no width; write it as in mobilenet:0.25")
    return {"alpha": width}


def _with_weights(name: str, build: Callable[[str | None], keras.Model], weights: str | Path | None) -> keras.Model:
    try:
        network = build("imagenet" if weights == "imagenet" else None)
    except TypeError as error:
        raise ValueError(f"{name} has no width to choose: leave out what is behind the colon") from error
    except ValueError as error:  # of Keras, for a width or a side that has no such weights
        raise ValueError(f"{name}: {error}") from error
    except Exception as error:  # whatever the download raises, the ways out are the same
        raise RuntimeError(
            f"the ImageNet weights of {name} could not be downloaded ({type(error).__name__}: {error}). "
            "Ways out: run once with a network; name a file of them; or choose what needs none of them"
        ) from error
    if weights not in (None, "imagenet"):
        _load(network, name, weights)
    if weights and _plain(name) in EFFICIENTNETS:
        return _of_one_graph(network, build(None))
    return network


def _of_one_graph(network: keras.Model, bare: keras.Model) -> keras.Model:
    """The network's values in the graph that Keras's EfficientNets have for random weights.

    For `imagenet` alone that has a layer more, which has no weights and divides by the root of the colours' deviations
    (https://github.com/keras-team/keras/blob/master/keras/src/applications/efficientnet.py). Here the normalization
    before it divides by both, so that a file of the same weights, and a run's own, give the same features.
    """
    bare.set_weights(network.get_weights())
    normalization = next(layer for layer in bare.layers if isinstance(layer, keras.layers.Normalization))
    normalization.adapt_variance.assign(normalization.adapt_variance * keras.ops.array(DEVIATIONS))
    normalization.finalize_state()
    return bare


def _load(network: keras.Model, name: str, file: str | Path) -> None:
    if not Path(file).is_file():
        raise ValueError(f"no file of weights at {file}")
    try:
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            network.load_weights(file)
        if told:  # Keras leaves layers as they are that it finds nothing for, and says no more
            raise ValueError(told[0].message)
    except Exception as error:  # h5py and Keras raise many kinds for a file of something else
        reason = str(error).strip().partition("\n")[0]
        raise ValueError(f"{file} holds no weights of {name} without its head ({reason})") from error
