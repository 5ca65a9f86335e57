"""The features of networks that Keras brings, with their ImageNet weights or without."""

from __future__ import annotations

import keras

APPLICATIONS = {
    "resnet-50": (keras.applications.ResNet50, keras.applications.resnet.preprocess_input),
    "vgg-19": (keras.applications.VGG19, keras.applications.vgg19.preprocess_input),
}
SMALLEST_SIDE = 32  # pixels


def application(name: str, image_shape: tuple[int, int, int], pretrained: bool) -> keras.Model:
    """Images (n, height, width, 3) in [0, 1] to the features (n, n_features) before the head.

    name: `resnet-50` or `vgg-19`. pretrained: with ImageNet's weights, which Keras downloads once.
    Raises ValueError for images that are too small or not RGB, RuntimeError where the download fails.
    """
    build, _ = APPLICATIONS[name]
    if image_shape[-1] != 3 or min(image_shape[:2]) < SMALLEST_SIDE:
        raise ValueError(
            f"{name} takes images of 3 channels and {SMALLEST_SIDE} pixels a side or more, not {image_shape}"
        )
    if not pretrained:
        return _with_scaling(build(include_top=False, weights=None, input_shape=image_shape, pooling="avg"), name)
    try:
        network = build(include_top=False, weights="imagenet", input_shape=image_shape, pooling="avg")
    except Exception as error:  # whatever the download raises, the ways out are the same
        raise RuntimeError(
            f"the ImageNet weights of {name} could not be downloaded ({type(error).__name__}: {error}). "
            "Ways out: run once with a network; or choose what needs none of them"
        ) from error
    return _with_scaling(network, name)


def _with_scaling(network: keras.Model, name: str) -> keras.Model:
    """Takes images in [0, 1], and scales them as ImageNet's weights expect."""
    _, preprocess = APPLICATIONS[name]
    images = keras.Input(network.input_shape[1:])  # (n, h, w, 3)
    return keras.Model(images, network(preprocess(images * 255.0)), name=name.replace("-", "_"))
