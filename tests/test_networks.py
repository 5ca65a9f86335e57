"""The networks: their sizes, what they see of an image, and images and files that do not fit."""

import keras
import numpy as np
import pytest

from latentshot.models.classifiers import classifier
from latentshot.models.dcgan import dcgan_generator
from latentshot.models.plain_cnn import plain_cnn
from latentshot.models.vgg import TAPS, vgg_features
from latentshot.models.wide_resnet import wide_resnet


@pytest.mark.parametrize("shape", [(28, 28, 1), (32, 32, 3), (64, 48, 3), (224, 224, 3)])
def test_the_dcgan_makes_images_of_the_size_asked(shape):
    generator = dcgan_generator(10, shape, filters=2)
    assert generator.output_shape == (None, *shape)
    assert min(generator.layers[2].output.shape[1:3]) in range(4, 8)


def test_images_that_the_dcgan_cannot_make_are_told():
    with pytest.raises(ValueError, match=r"images of 30x30 do not fit the DCGAN: .* divide by 4"):
        dcgan_generator(10, (30, 30, 1))


def test_wrn_28_10_has_the_papers_size():
    # 36.5 million parameters, table 1 of Zagoruyko and Komodakis
    assert wide_resnet((32, 32, 3), 10).count_params() == pytest.approx(36.5e6, rel=0.002)
    with pytest.raises(ValueError, match=r"WRN-20-2: the depth must be 6 n \+ 4"):
        wide_resnet((32, 32, 3), 10, depth=20, width=2)


def test_the_plain_cnn_halves_its_maps_four_times_and_drops_half_of_its_features_in_training():
    network = plain_cnn((32, 48, 3), 10, width=2)
    features = keras.Model(network.input, network.layers[-3].output)
    assert features.output_shape == (None, 2 * 3 * 8)
    dropped = keras.Model(network.input, network.layers[-2].output)
    images = np.random.default_rng(0).random((50, 32, 48, 3), np.float32)
    shares = np.count_nonzero(dropped(images, training=True)) / np.count_nonzero(features(images, training=True))
    assert shares == pytest.approx(0.5, abs=0.1)
    assert (dropped(images, training=False) == features(images, training=False)).numpy().all()
    with pytest.raises(ValueError, match="images of 12x12 are too small for cnn-2"):
        plain_cnn((12, 12, 1), 10, width=2)


@pytest.mark.parametrize(("crop", "seen"), [(None, slice(0, 8)), (4, slice(2, 6))])
def test_a_classifier_sees_the_centre_of_images_whose_channels_have_mean_0_and_deviation_1(crop, seen):
    images = np.random.default_rng(0).integers(0, [256, 100, 9], (20, 8, 8, 3), np.uint8)
    network = classifier("weak-cnn", images, 3, crop)
    normalized = (images - images.mean(axis=(0, 1, 2))) / images.std(axis=(0, 1, 2))
    entering = keras.Model(network.input, network.layers[-2].output)(images / np.float32(255.0))
    np.testing.assert_allclose(entering, normalized[:, seen, seen], atol=1e-4)


@pytest.fixture(scope="module")
def vgg_file(tmp_path_factory):
    """VGG-16 up to block2_conv2 with random weights, saved as the real ones are."""
    keras.utils.set_random_seed(0)
    vgg = keras.applications.VGG16(include_top=False, weights=None, input_shape=(32, 32, 3))
    path = tmp_path_factory.mktemp("vgg") / "blocks.weights.h5"
    keras.Model(vgg.input, vgg.get_layer("block2_conv2").output).save_weights(path)
    return path


def test_taps_of_a_file_are_those_of_its_network_on_imagenets_scale(vgg_file):
    features = vgg_features((32, 32, 3), TAPS[:2], vgg_file)
    assert [tuple(tap.shape) for tap in features.outputs] == [(None, 32, 32, 64), (None, 16, 16, 128)]
    assert features.trainable_variables == []
    image = np.random.default_rng(0).random((1, 32, 32, 3), dtype=np.float32)
    vgg = keras.applications.VGG16(include_top=False, weights=None, input_shape=(32, 32, 3))
    part = keras.Model(vgg.input, vgg.get_layer("block2_conv2").output)
    part.load_weights(vgg_file)
    pixels = 255 * image[..., ::-1] - np.array([103.939, 116.779, 123.68], np.float32)  # BGR, means of ImageNet
    np.testing.assert_allclose(features(image)[1], part(pixels), rtol=1e-4, atol=1e-3)


def test_taps_that_the_weights_lack_are_named(vgg_file):
    with pytest.raises(ValueError, match="ends at block2_conv2 and lacks block3_conv2"):
        vgg_features((32, 32, 3), TAPS[:3], vgg_file)
    with pytest.raises(ValueError, match="taps block1_conv9: choose among block1_conv2"):
        vgg_features((32, 32, 3), ["block1_conv9"], vgg_file)
    with pytest.raises(ValueError, match="3 channels, not 1"):
        vgg_features((32, 32, 1), TAPS[:1], vgg_file)
    with pytest.raises(ValueError, match="32 pixels a side or more"):
        vgg_features((28, 28, 3), TAPS[:1], vgg_file)


def test_a_file_of_something_else_is_named(tmp_path):
    (tmp_path / "x.weights.h5").write_text("no weights")
    with pytest.raises(ValueError, match=r"x\.weights\.h5 is no \.weights\.h5 file of VGG-16 in Keras 3"):
        vgg_features((32, 32, 3), TAPS[:1], tmp_path / "x.weights.h5")
