"""A folder of images for LASIUM: unlabelled ones, and class folders to test on."""

import shutil

import numpy as np
import pytest
import tensorflow as tf
from made_images import save_images
from PIL import Image

from latentshot.datasets import image_store, load_dataset, short_name
from latentshot.datasets.gathering import gatherer
from latentshot.datasets.image_store import StoredImages, obtain_images
from latentshot.datasets.unlabelled import image_batches


def test_images_at_any_depth_are_unlabelled_and_the_folder_test_has_the_classes(colour_folder):
    data = load_dataset(f"folder:{colour_folder}")
    assert data.name == colour_folder.name
    assert data.unlabelled.shape == (12, 84, 84, 3)
    assert data["train"].class_names == ("2019", "in no class folder")
    assert data["test"].class_names == ("blue", "green", "red")
    assert np.bincount(data["test"].labels).tolist() == [4, 4, 4]
    assert not data.tests_on_training_images


def test_class_folders_alone_serve_to_learn_and_to_test_and_it_is_said(colour_folder, capsys):
    data = load_dataset(f"folder:{colour_folder / 'test'}")
    assert data.tests_on_training_images
    assert data["test"] is data["train"]
    assert len(data.unlabelled) == 12
    assert "its class folders serve to test, on images learned from" in capsys.readouterr().err


def test_strays_beside_class_folders_are_learned_from_and_not_tested_on(colour_folder, tmp_path, capsys):
    shutil.copytree(colour_folder / "test", tmp_path, dirs_exist_ok=True)
    save_images(tmp_path, 2)
    data = load_dataset(f"folder:{tmp_path}")
    assert len(data.unlabelled) == 14
    assert data["test"].class_names == ("blue", "green", "red")
    assert np.bincount(data["test"].labels).tolist() == [4, 4, 4]
    assert "(2 images lie in no class folder)" in capsys.readouterr().err


def test_links_to_folders_are_followed_and_a_circle_ends(colour_folder, tmp_path):
    for name in ("blue", "green", "red"):
        (tmp_path / name).symlink_to(colour_folder / "test" / name)
    (tmp_path / "again").symlink_to(tmp_path)
    data = load_dataset(f"folder:{tmp_path}")
    assert len(data.unlabelled) == 12
    assert data["test"].class_names == ("blue", "green", "red")


def test_images_in_no_class_folder_leave_nothing_to_test_on(colour_folder):
    data = load_dataset(f"folder:{colour_folder / 'train' / '2019' / 'summer'}")
    assert set(data.splits) == {"train"}
    with pytest.raises(ValueError, match="has no split 'test': choose one of train"):
        data["test"]


def test_images_of_test_and_validation_are_not_learned_from_beside_loose_ones(colour_folder, tmp_path):
    save_images(tmp_path, 3)
    for name in ("test", "validation"):
        shutil.copytree(colour_folder / "test", tmp_path / name)
    data = load_dataset(f"folder:{tmp_path}")
    assert [len(data[name]) for name in ("train", "validation", "test")] == [3, 12, 12]


def test_size_and_channels_are_as_asked_and_a_large_first_image_is_scaled_down(tmp_path, capsys):
    save_images(tmp_path, 2, size=(120, 200))
    assert load_dataset(f"folder:{tmp_path}").image_shape == (84, 84, 3)
    assert "images are taken as 84x84, after" in capsys.readouterr().err
    assert load_dataset(f"folder:{tmp_path}", image_size=20, channels=1).image_shape == (20, 20, 1)


def broken_files(folder):
    """Twelve kinds of files: those that can be read, and those that cannot."""
    save_images(folder, 1, size=(16, 16))
    whole = (folder / "0.jpg").read_bytes()
    picture = Image.open(folder / "0.jpg")
    (folder / "truncated.jpg").write_bytes(whole[: len(whole) // 2])
    (folder / "empty.png").write_bytes(b"")
    (folder / "text.png").write_text("no image")
    (folder / "header-alone.bmp").write_bytes(b"BM" + bytes(10))
    picture.convert("CMYK").save(folder / "cmyk.jpg")
    picture.convert("L").save(folder / "grey.png")
    picture.convert("P").save(folder / "palette.gif")
    Image.new("RGBA", (16, 16), (255, 0, 0, 100)).save(folder / "transparent.webp", lossless=True)
    Image.fromarray(np.full((16, 16), 32896, np.uint16)).save(folder / "sixteen-bits.png")
    picture.save(folder / "animated.gif", save_all=True, append_images=[picture.rotate(90), picture.rotate(180)])
    exif = Image.Exif()
    exif[0x0112] = 3  # stored upside down
    halves = Image.new("RGB", (16, 16))
    halves.paste((255, 255, 255), (0, 0, 16, 8))
    halves.save(folder / "turned.jpg", exif=exif, quality=95)
    (folder / "notes.txt").write_text("no image by its name")
    (folder / "camera").write_bytes(b"no suffix")


KEPT = {"0.jpg", "cmyk.jpg", "grey.png", "palette.gif", "transparent.webp", "sixteen-bits.png", "animated.gif"}
LEFT_OUT = {"truncated.jpg", "empty.png", "text.png", "header-alone.bmp"}


@pytest.mark.parametrize("stored", [False, True])
def test_of_twelve_kinds_of_files_those_that_are_no_image_are_counted_and_named(tmp_path, capsys, monkeypatch, stored):
    if stored:
        monkeypatch.setattr(image_store, "LARGEST_IN_MEMORY", 0)
    broken_files(tmp_path)
    data = load_dataset(f"folder:{tmp_path}", image_size=16)
    said = capsys.readouterr().err
    assert isinstance(data.unlabelled, StoredImages) is stored
    assert len(data.unlabelled) == len(KEPT | {"turned.jpg"})
    assert "training images: 4 left out" in said
    assert "2 files are left out, which are not .jpg, .jpeg, .png, .gif, .bmp, .webp, .tif, .tiff: " in said
    assert "camera" in said
    assert "notes.txt" in said
    assert all(f"{tmp_path / name} is no readable image" in said for name in LEFT_OUT)
    turned = data.unlabelled[sorted(KEPT | {"turned.jpg"}).index("turned.jpg")]
    assert turned[:6].mean() < 20  # what was stored white and above is below
    assert turned[-6:].mean() > 235
    for conversion in (
        "CMYK to RGB",
        "L to RGB",
        "16 bits to 8",
        "transparency on white",
        "animation to its first frame",
    ):
        assert conversion in said


def test_a_folder_of_broken_files_alone_is_an_error_that_names_one(tmp_path):
    (tmp_path / "text.png").write_text("no image")
    with pytest.raises(ValueError, match=r"none of the 1 training images can be read"):
        load_dataset(f"folder:{tmp_path}", image_size=16)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda folder: folder.rmdir(), "no folder at"),
        (lambda folder: None, "holds no image"),
        (lambda folder: (save_images(folder, 2), save_images(folder / "test", 2)), "has no class folders"),
    ],
)
def test_a_folder_that_is_none_of_these_is_told(tmp_path, make, message):
    folder = tmp_path / "photographs"
    folder.mkdir()
    make(folder)
    with pytest.raises(ValueError, match=message):
        load_dataset(f"folder:{folder}")


def test_many_images_are_decoded_once_into_a_file_and_are_the_same(tmp_path, monkeypatch, capsys):
    save_images(tmp_path, 30, size=(16, 12))
    (tmp_path / "7.jpg").write_text("broken")
    paths = sorted(tmp_path.iterdir())
    in_memory, found = obtain_images(paths, (8, 8), 3, "some")
    monkeypatch.setattr(image_store, "LARGEST_IN_MEMORY", 0)
    monkeypatch.setattr(image_store, "AT_ONCE", 7)
    stored, again = obtain_images(paths, (8, 8), 3, "some")
    assert isinstance(stored, StoredImages)
    np.testing.assert_array_equal(stored[:], in_memory)
    np.testing.assert_array_equal(again.read, found.read)
    assert (again.unreadable, again.conversions) == (found.unreadable, found.conversions)
    monkeypatch.setattr(image_store, "read_images", None)  # a second time no file is read
    np.testing.assert_array_equal(obtain_images(paths, (8, 8), 3, "some")[0][:], in_memory)
    batch = next(iter(image_batches(stored, 10, seed=0)))
    np.testing.assert_array_equal(batch, next(iter(image_batches(in_memory, 10, seed=0))))
    indices = tf.constant([[3, 1], [0, 28]])
    np.testing.assert_array_equal(tf.function(gatherer(stored))(indices), in_memory[indices.numpy()])


def test_a_damaged_store_is_named_and_made_again(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(image_store, "LARGEST_IN_MEMORY", 0)
    save_images(tmp_path, 5, size=(8, 8))
    paths = sorted(tmp_path.iterdir())
    stored, _ = obtain_images(paths, (8, 8), 3, "some")
    whole = stored[:]
    stored.path.write_bytes(stored.path.read_bytes()[:-1])
    np.testing.assert_array_equal(obtain_images(paths, (8, 8), 3, "some")[0][:], whole)
    assert f"{stored.path} is damaged: making it again" in capsys.readouterr().err
    monkeypatch.setattr(image_store, "DECODING", image_store.DECODING + 1)
    again, _ = obtain_images(paths, (8, 8), 3, "some")
    np.testing.assert_array_equal(again[:], whole)
    assert again.path != stored.path  # who still reads that of another version does so undisturbed


def test_some_of_stored_images_stay_where_they_are(tmp_path, monkeypatch):
    monkeypatch.setattr(image_store, "LARGEST_IN_MEMORY", 0)
    save_images(tmp_path, 9, size=(8, 8))
    data = load_dataset(f"folder:{tmp_path}", n_unlabelled=4, image_size=8)
    assert isinstance(data.unlabelled, StoredImages)
    assert data.unlabelled.shape == (4, 8, 8, 3)
    everything = data["train"].images[:]
    assert all(any(np.array_equal(image, other) for other in everything) for image in data.unlabelled[:])


def test_a_file_that_has_gone_is_left_out_and_named(tmp_path, monkeypatch):
    save_images(tmp_path, 3, size=(8, 8))
    paths = [*sorted(tmp_path.iterdir()), tmp_path / "gone.jpg"]
    for limit in (2**20, 0):
        monkeypatch.setattr(image_store, "LARGEST_IN_MEMORY", limit)
        images, found = obtain_images(paths, (8, 8), 3, "some")
        assert len(images) == 3
        assert "gone.jpg" in found.unreadable[0]


def test_a_changed_file_is_read_anew(tmp_path, monkeypatch):
    monkeypatch.setattr(image_store, "LARGEST_IN_MEMORY", 0)
    save_images(tmp_path, 2, size=(8, 8))
    paths = sorted(tmp_path.iterdir())
    before, _ = obtain_images(paths, (8, 8), 3, "some")
    Image.new("RGB", (8, 8)).save(paths[0])
    after, _ = obtain_images(paths, (8, 8), 3, "some")
    assert after.path != before.path
    assert not after[0].any()


def test_a_folder_under_the_home_folder_is_found(colour_folder, monkeypatch):
    monkeypatch.setenv("HOME", str(colour_folder.parent))
    assert len(load_dataset(f"folder:~/{colour_folder.name}").unlabelled) == 12
    assert short_name(f"folder:~/{colour_folder.name}") == colour_folder.name
