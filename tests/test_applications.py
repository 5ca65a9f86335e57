"""Networks of keras.applications as ProtoNets' network: shapes, real weights, and what is told of wrong ones."""

import sys

import keras
import numpy as np
import pytest
from conftest import SHARED

from latentshot.models.applications import DEVIATIONS, application, keep_statistics

SHAPE = (32, 32, 3)


@pytest.fixture(scope="module", params=["random", "ImageNet's"])
def mobilenet_file(request, mobilenet_weights):
    if request.param == "random":
        return mobilenet_weights
    file = SHARED / "weights" / "mobilenet_2_5_224_tf_no_top.h5"
    if not file.exists():
        pytest.skip("the weights of MobileNet (../shared/weights) are not here")
    return file


def test_a_file_of_weights_gives_what_keras_own_network_does_with_it(mobilenet_file):
    ours = application("mobilenet:0.25", SHAPE, mobilenet_file, side=64)
    theirs = keras.applications.MobileNet(
        input_shape=(64, 64, 3), alpha=0.25, include_top=False, weights=str(mobilenet_file), pooling="avg"
    )
    images = np.random.default_rng(0).random((2, *SHAPE), dtype=np.float32)
    large = keras.ops.image.resize(images, (64, 64), interpolation="bicubic")
    scaled = keras.applications.mobilenet.preprocess_input(np.array(large).clip(0, 1) * 255.0)
    np.testing.assert_allclose(ours(images), theirs(scaled), atol=1e-4)


@pytest.mark.slow
def test_an_efficientnets_features_are_the_same_by_imagenet_and_by_a_file_of_the_same_weights(tmp_path, monkeypatch):
    """The download is a file of random weights, whose normalization is that of the published ones."""
    theirs = keras.applications.EfficientNetB0(include_top=False, weights=None, input_shape=SHAPE)
    (normalization,) = (layer for layer in theirs.layers if isinstance(layer, keras.layers.Normalization))
    normalization.adapt_mean.assign([0.485, 0.456, 0.406])
    normalization.adapt_variance.assign(DEVIATIONS)
    file = tmp_path / "efficientnetb0.weights.h5"
    theirs.save_weights(file)
    of_keras = sys.modules[keras.applications.EfficientNetB0.__module__]
    monkeypatch.setattr(of_keras.file_utils, "get_file", lambda *_, **__: str(file))
    published = keras.applications.EfficientNetB0(include_top=False, input_shape=SHAPE, pooling="avg")
    images = np.random.default_rng(0).random((2, *SHAPE), dtype=np.float32)
    expected = published(images * 255.0, training=False)
    for weights in ("imagenet", file):
        ours = application("efficientnetb0", SHAPE, weights)
        np.testing.assert_allclose(ours(images, training=False), expected, rtol=1e-3, atol=1e-5)
    again = application("efficientnetb0", SHAPE)  # as a run's own weights are loaded
    ours.save_weights(tmp_path / "run.weights.h5")
    again.load_weights(tmp_path / "run.weights.h5")
    np.testing.assert_array_equal(again(images, training=False), ours(images, training=False))


def test_a_smaller_side_averages_pixels_rather_than_skip_them():
    board = np.indices((64, 64)).sum(axis=0) % 2  # pixels are 0 and 1 in turn, whose mean is a half
    images = np.repeat(board[None, :, :, None], 3, axis=-1).astype(np.float32)
    network = application("mobilenet:0.25", (64, 64, 3), side=32)
    grey = application("mobilenet:0.25", SHAPE)
    grey.set_weights(network.get_weights())
    np.testing.assert_allclose(network(images), grey(np.full((1, *SHAPE), 0.5, np.float32)), atol=0.02)


def test_grey_images_are_three_equal_channels_and_flattened_maps_have_the_pooled_features_for_means():
    colour, grey = (application("mobilenet:0.25", (64, 64, c), pooling="flatten") for c in (3, 1))
    pooled = application("mobilenet:0.25", (64, 64, 1))
    for network in (grey, pooled):
        network.set_weights(colour.get_weights())
    images = np.random.default_rng(0).random((2, 64, 64, 1), dtype=np.float32)
    maps = np.array(grey(images))  # 2 x 2 positions of 256 features
    np.testing.assert_allclose(maps, colour(images.repeat(3, axis=-1)), atol=1e-5)
    np.testing.assert_allclose(maps.reshape(2, 4, 256).mean(axis=1), pooled(images), atol=1e-5)


def test_statistics_that_came_with_the_weights_are_kept():
    network = application("mobilenet:0.25", SHAPE)
    keep_statistics(network)
    norms = [layer for layer in network._flatten_layers() if isinstance(layer, keras.layers.BatchNormalization)]
    before = [np.array(norm.moving_mean) for norm in norms]
    network(np.random.default_rng(0).random((4, *SHAPE), dtype=np.float32), training=True)
    assert len(norms) == 27
    for norm, mean in zip(norms, before, strict=True):
        np.testing.assert_array_equal(norm.moving_mean, mean)


@pytest.mark.parametrize(("name", "features"), [("resnet-50", 2048), ("vgg19", 512), ("MobileNetV2", 1280)])
def test_a_name_is_that_of_keras_with_or_without_hyphens_and_capitals(name, features):
    assert application(name, SHAPE).output_shape == (None, features)


@pytest.mark.parametrize(
    ("name", "weights", "shape", "message"),
    [
        ("alexnet", None, SHAPE, "no network 'alexnet': choose among convnextbase,"),
        ("vgg19:0.5", None, SHAPE, "vgg19:0.5 has no width to choose"),
        ("mobilenet:wide", None, SHAPE, "'wide' is no width; write it as in mobilenet:0.25"),
        ("mobilenet:0", None, SHAPE, "'0' is no width"),
        ("mobilenet:0.3", "imagenet", SHAPE, "mobilenet:0.3: If imagenet weights are being loaded, alpha can be"),
        ("vgg19:0.5", "imagenet", SHAPE, "vgg19:0.5 has no width to choose"),
        ("mobilenet", None, (32, 32, 2), "takes grey images or RGB, not 2 channels"),
        ("mobilenet", None, (28, 28, 3), "images of 32 pixels a side or more, not 28x28: scale them up"),
        ("mobilenet", "nowhere.h5", SHAPE, "no file of weights at nowhere.h5"),
    ],
)
def test_what_cannot_be_is_an_error_with_its_value(name, weights, shape, message):
    with pytest.raises(ValueError, match=message):
        application(name, shape, weights)


def test_weights_of_another_network_are_told(mobilenet_file, tmp_path):
    with pytest.raises(ValueError, match=r"holds no weights of mobilenet:0\.5 without its head"):
        application("mobilenet:0.5", SHAPE, mobilenet_file)
    broken = tmp_path / f"broken{''.join(mobilenet_file.suffixes)}"
    broken.write_bytes(mobilenet_file.read_bytes()[:1000])
    with pytest.raises(ValueError, match=r"broken.*\.h5 holds no weights of mobilenet:0\.25"):
        application("mobilenet:0.25", SHAPE, broken)
