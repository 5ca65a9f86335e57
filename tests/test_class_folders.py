import shutil

import numpy as np
import pytest
from PIL import Image

from latentshot.datasets.class_folders import class_folders
from latentshot.datasets.image_files import UnreadableImage
from latentshot.models.dcgan import dcgan_generator


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
    data = class_folders(two_folders)
    assert data["train"].class_names == ("cat", "dog")
    assert data["train"].labels.tolist() == [0] * 5 + [1] * 5
    assert data["test"].labels.tolist() == [0] * 3 + [1] * 3
    np.testing.assert_array_equal(data["train"].images[:, 0, 0, 0], [50] * 5 + [100] * 5)
    assert data.image_shape == (8, 8, 3)
    assert data.files[0] == "train/cat/00.png"


def test_a_folder_of_classes_alone_holds_some_of_each_out(tmp_path):
    write_images(tmp_path / "cat", 10, 50)
    write_images(tmp_path / "dog", 2, 100)
    data, again, other = (class_folders(tmp_path, held_out=0.2, seed=seed) for seed in (0, 0, 1))
    assert np.bincount(data["train"].labels).tolist() == [8, 1]
    assert np.bincount(data["test"].labels).tolist() == [2, 1]
    assert data.files == again.files
    assert data.files != other.files
    everything = np.concatenate([data["train"].images, data["test"].images])
    assert len({image.tobytes() for image in everything}) == 12  # none twice, none lost


@pytest.mark.parametrize("name", ["validation", "val", "valid"])
def test_validation_images_serve_to_test_where_there_are_no_others(two_folders, name, capsys):
    expected = class_folders(two_folders)["test"]
    (two_folders / "test").rename(two_folders / name)
    found = class_folders(two_folders)["test"]
    np.testing.assert_array_equal(found.images, expected.images)
    assert "has no folder test: its validation images serve to test" in capsys.readouterr().err


def test_validation_images_beside_test_images_are_left_out_and_said(two_folders, capsys):
    expected = class_folders(two_folders)["test"]
    shutil.copytree(two_folders / "train", two_folders / "val")
    np.testing.assert_array_equal(class_folders(two_folders)["test"].images, expected.images)
    assert "val is left out: nothing is chosen by validation images here" in capsys.readouterr().err
    class_folders(two_folders, held_out=0.5)
    assert "held_out 0.5 is not used: " in capsys.readouterr().err
    shutil.copytree(two_folders / "val", two_folders / "valid")
    with pytest.raises(ValueError, match="are both folders of validation images: keep one"):
        class_folders(two_folders)


def test_a_class_may_be_called_valid_where_nothing_is_held_back(tmp_path):
    write_images(tmp_path / "invalid", 4)
    write_images(tmp_path / "valid", 4, 100)
    assert class_folders(tmp_path)["train"].class_names == ("invalid", "valid")
    write_images(tmp_path / "test", 4)
    with pytest.raises(ValueError, match="has a folder 'test' and none 'train'"):
        class_folders(tmp_path)


def test_images_of_many_sizes_become_one(tmp_path):
    write_images(tmp_path / "cat", 3, side=8)
    write_images(tmp_path / "dog", 3, side=20)
    assert class_folders(tmp_path).image_shape == (8, 8, 3)
    assert class_folders(tmp_path, size=(12, 16), channels=1).image_shape == (12, 16, 1)


@pytest.mark.parametrize(
    ("side", "chosen"), [(7, 7), (15, 14), (28, 28), (33, 32), (84, 80), (100, 96), (127, 112), (200, 128)]
)
def test_sides_that_nobody_asked_for_fit_the_generator(tmp_path, capsys, side, chosen):
    write_images(tmp_path / "cat", 3, side=side)
    data = class_folders(tmp_path)
    assert data.image_shape == (chosen, chosen, 3)
    assert (f"images are scaled to {chosen}x{chosen}" in capsys.readouterr().err) == (side != chosen)
    if chosen >= 8:
        assert dcgan_generator(2, data.image_shape, filters=1).output_shape[1:] == data.image_shape


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda path: write_images(path / "train" / "Cat", 2), "the classes 'Cat' and 'cat', which differ by case"),
        (lambda path: write_images(path / "test" / "emu", 2), "classes that .*train lacks: emu"),
        (lambda path: (path / "train" / "empty").mkdir(), "class 'empty' has no image"),
        (lambda path: (path / "test").rename(path / "rest"), "has a folder 'train' and none 'test'"),
    ],
)
def test_what_is_wrong_with_a_folder_is_told(two_folders, spoil, message):
    spoil(two_folders)
    with pytest.raises(ValueError, match=message):
        class_folders(two_folders)


def test_a_missing_folder_one_without_classes_and_one_image_a_class_are_told(tmp_path):
    with pytest.raises(ValueError, match=r"no folder at .*nowhere"):
        class_folders(tmp_path / "nowhere")
    with pytest.raises(ValueError, match="has no class folders"):
        class_folders(tmp_path)
    write_images(tmp_path / "cat", 1)
    with pytest.raises(ValueError, match="class 'cat' has one image"):
        class_folders(tmp_path)
    with pytest.raises(ValueError, match="held_out is 1"):
        class_folders(tmp_path, held_out=1.0)


def test_a_broken_file_is_an_error_that_names_it_or_is_skipped_and_counted(two_folders, capsys):
    (two_folders / "train" / "cat" / "00.png").write_text("no image")
    with pytest.raises(UnreadableImage, match=r"00\.png is no readable image"):
        class_folders(two_folders)
    data = class_folders(two_folders, skip_bad=True)
    assert np.bincount(data["train"].labels).tolist() == [4, 5]
    assert data.files[0] == "train/cat/01.png"
    assert "training images: 1 left out" in capsys.readouterr().err


def test_hidden_folders_within_a_class_are_left_alone(two_folders):
    write_images(two_folders / "train" / "cat" / ".checkpoints", 2)
    assert len(class_folders(two_folders)["train"]) == 10


def test_training_images_that_are_test_images_by_links_are_left_out(two_folders, capsys):
    before = len(class_folders(two_folders)["train"])
    (name, *_), test = sorted(entry.name for entry in (two_folders / "train").iterdir()), two_folders / "test"
    (two_folders / "train" / name / "linked").symlink_to(test / name)
    image = next(file for file in sorted((test / name).iterdir()) if file.suffix)
    (two_folders / "train" / name / f"again{image.suffix}").symlink_to(image)
    capsys.readouterr()
    assert len(class_folders(two_folders)["train"]) == before
    assert "left out of the training images, for links show them in test too: " in capsys.readouterr().err
