import io

import numpy as np
import pytest
import tensorflow_datasets as tfds

from latentshot.datasets import Dataset, Split, load_dataset
from latentshot.datasets.by_image import check_split_by_image
from latentshot.datasets.cifar import _split, cifar


def split(labels, names=("a", "b"), side=2):
    return Split(np.zeros((len(labels), side, side, 1), np.uint8), np.array(labels, np.int32), names)


def test_ten_letters_are_drawn_differently_for_training_and_testing():
    data = load_dataset("letters", split_by="image")
    assert data.image_shape == (28, 28, 1)
    assert np.bincount(data["train"].labels).tolist() == np.bincount(data["test"].labels).tolist() == [100] * 10
    everything = np.concatenate([data["train"].images, data["test"].images])
    assert len({image.tobytes() for image in everything}) == 2000


def test_digits_are_scikit_learns_split_by_image_in_the_proportions_of_the_classes():
    data = load_dataset("digits", split_by="image")
    assert data.image_shape == (16, 16, 1)
    train, test = (np.bincount(data[name].labels, minlength=10) for name in ("train", "test"))
    assert (train.sum(), test.sum()) == (897, 900)
    assert abs(train - test).max() <= 2
    assert len({*data.files}) == 897
    zeros, ones = (data["train"].images[data["train"].labels == digit].mean(axis=0) for digit in (0, 1))
    assert zeros[8, 8] < ones[8, 8]  # ink is 1, and there is none in the middle of a nought


@pytest.mark.parametrize(
    ("train", "test", "message"),
    [
        (split([0, 0]), split([0, 1]), "class 'b' has no image"),
        (split([0, 1]), split([0, 1], ("c", "d")), "made is split by class.*choose one of digits"),
        (split([0, 1]), split([0, 1], side=4), r"training images are \(2, 2, 1\), test images \(4, 4, 1\)"),
        (split([0, 0], ("a",)), split([0], ("a",)), "only one class, 'a'"),
        (split([0, 1]), split([]), "there is no test image"),
    ],
)
def test_what_cannot_be_classified_is_told(train, test, message):
    with pytest.raises(ValueError, match=message):
        check_split_by_image(Dataset("made", {"train": train, "test": test}), "digits")


def test_a_dataset_split_by_class_is_refused_where_images_of_the_same_classes_are_needed():
    with pytest.raises(ValueError, match=r"dataset glyphs is split by class.*digits, letters"):
        load_dataset("glyphs", split_by="image")


@pytest.mark.parametrize(("name", "n_classes"), [("cifar10", 10), ("cifar100", 100)])
def test_cifar_comes_through_tfds_in_the_order_of_its_ids(name, n_classes, tmp_path, monkeypatch):
    monkeypatch.setattr("urllib.request.urlopen", lambda *_, **__: io.BytesIO())  # no network is needed
    with tfds.testing.mock_data(num_examples=2000):  # all classes come
        data = cifar(name, tmp_path)
    assert data.image_shape == (32, 32, 3)
    assert data.n_classes == n_classes
    assert list(data.files) == sorted(data.files)


def test_images_and_labels_follow_their_ids():
    examples = {
        "id": np.array([b"c", b"a", b"b"]),
        "image": np.array([2, 0, 1], np.uint8)[:, None, None, None],
        "label": np.array([1, 0, 1]),
    }
    split = _split(examples, ("x", "y"))
    assert split.images.ravel().tolist() == [0, 1, 2]
    assert split.labels.tolist() == [0, 1, 1]
