import io

import numpy as np
import pytest
import tensorflow_datasets as tfds
from PIL import Image

from latentshot.datasets.cifar import _split, cifar
from latentshot.datasets.classification import ClassificationDataset, small_sample, subset
from latentshot.datasets.dataset import Split
from latentshot.datasets.folder import folder
from latentshot.datasets.glyph_letters import glyph_letters
from latentshot.datasets.image_files import UnreadableImage


def write_images(path, n, colour=0, side=8):
    path.mkdir(parents=True)
    for i in range(n):
        Image.new("RGB", (side, side), (colour, i, 0)).save(path / f"{i:02}.png")


@pytest.fixture
def two_folders(tmp_path):
    for split, n in (("train", 5), ("test", 3)):
        for colour, name in ((50, "cat"), (100, "dog")):
            write_images(tmp_path / split / name, n, colour)
    return tmp_path


def test_a_folder_with_train_and_test_is_read_by_class(two_folders):
    data = folder(two_folders)
    assert data.train.class_names == ("cat", "dog")
    assert data.train.labels.tolist() == [0] * 5 + [1] * 5
    assert data.test.labels.tolist() == [0] * 3 + [1] * 3
    np.testing.assert_array_equal(data.train.images[:, 0, 0, 0], [50] * 5 + [100] * 5)
    assert data.image_shape == (8, 8, 3)
    assert data.files[0] == "train/cat/00.png"


def test_a_folder_of_classes_alone_holds_some_of_each_out(tmp_path):
    write_images(tmp_path / "cat", 10, 50)
    write_images(tmp_path / "dog", 2, 100)
    data, again, other = (folder(tmp_path, held_out=0.2, seed=seed) for seed in (0, 0, 1))
    assert np.bincount(data.train.labels).tolist() == [8, 1]
    assert np.bincount(data.test.labels).tolist() == [2, 1]
    assert data.files == again.files
    assert data.files != other.files
    everything = np.concatenate([data.train.images, data.test.images])
    assert len({image.tobytes() for image in everything}) == 12  # none twice, none lost


def test_images_of_many_sizes_become_one(tmp_path):
    write_images(tmp_path / "cat", 3, side=8)
    write_images(tmp_path / "dog", 3, side=20)
    assert folder(tmp_path).image_shape == (8, 8, 3)
    assert folder(tmp_path, size=(12, 16), channels=1).image_shape == (12, 16, 1)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda path: write_images(path / "train" / "Cat", 2), "the classes 'Cat' and 'cat', which differ by case"),
        (lambda path: write_images(path / "test" / "emu", 2), "classes that .*train lacks: emu"),
        (lambda path: (path / "train" / "empty").mkdir(), "class 'empty' has no image"),
        (lambda path: (path / "test").rename(path / "rest"), "has a folder 'train' alone"),
    ],
)
def test_what_is_wrong_with_a_folder_is_told(two_folders, spoil, message):
    spoil(two_folders)
    with pytest.raises(ValueError, match=message):
        folder(two_folders)


def test_a_missing_folder_one_without_classes_and_one_image_a_class_are_told(tmp_path):
    with pytest.raises(ValueError, match=r"no folder at .*nowhere"):
        folder(tmp_path / "nowhere")
    with pytest.raises(ValueError, match="has no class folders"):
        folder(tmp_path)
    write_images(tmp_path / "cat", 1)
    with pytest.raises(ValueError, match="class 'cat' has one image"):
        folder(tmp_path)
    with pytest.raises(ValueError, match="held_out is 1"):
        folder(tmp_path, held_out=1.0)


def test_a_broken_file_is_an_error_that_names_it_or_is_skipped_and_counted(two_folders, capsys):
    (two_folders / "train" / "cat" / "00.png").write_text("no image")
    with pytest.raises(UnreadableImage, match=r"00\.png is no readable image"):
        folder(two_folders)
    data = folder(two_folders, skip_bad=True)
    assert np.bincount(data.train.labels).tolist() == [4, 5]
    assert data.files[0] == "train/cat/01.png"
    assert "training images: 1 left out" in capsys.readouterr().err


def test_hidden_folders_within_a_class_are_left_alone(two_folders):
    write_images(two_folders / "train" / "cat" / ".checkpoints", 2)
    assert len(folder(two_folders).train) == 10


def test_small_samples_are_balanced_and_nest():
    labels = np.random.default_rng(0).permutation(np.repeat([0, 1, 2], [30, 40, 50]))
    split = Split(np.zeros((120, 1, 1, 1), np.uint8), labels.astype(np.int32), ("a", "b", "c"))
    few, more, other = (small_sample(split, n, seed) for n, seed in ((10, 3), (25, 3), (10, 4)))
    assert np.bincount(labels[few]).tolist() == [10, 10, 10]
    assert len(set(few)) == 30
    assert set(few) < set(more)
    assert set(few) != set(other)
    with pytest.raises(ValueError, match="samples_per_class is 31, and class a has 30 images"):
        small_sample(split, 31, 0)
    with pytest.raises(ValueError, match="samples_per_class is 0; it must be 1 or more"):
        small_sample(split, 0, 0)


def test_a_subset_keeps_the_classes():
    split = Split(np.arange(4, dtype=np.uint8)[:, None, None, None], np.array([0, 1, 0, 1], np.int32), ("a", "b"))
    part = subset(split, np.array([3, 0]))
    assert part.images.ravel().tolist() == [3, 0]
    assert part.labels.tolist() == [1, 0]
    assert part.class_names == ("a", "b")


def test_ten_letters_are_drawn_differently_for_training_and_testing():
    data = glyph_letters()
    assert data.image_shape == (28, 28, 1)
    assert np.bincount(data.train.labels).tolist() == np.bincount(data.test.labels).tolist() == [100] * 10
    everything = np.concatenate([data.train.images, data.test.images])
    assert len({image.tobytes() for image in everything}) == 2000


def test_a_class_without_training_images_is_told():
    def split(labels):
        return Split(np.zeros((len(labels), 2, 2, 1), np.uint8), np.array(labels, np.int32), ("a", "b"))

    with pytest.raises(ValueError, match="class 'b' has no image"):
        ClassificationDataset("made", split([0, 0]), split([0, 1]), ("x", "y"))


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
