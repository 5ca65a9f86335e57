"""Splits in folders of other names than asked for, images in no class folder, folders that are unreadable."""

import os

import numpy as np
import pytest
from PIL import Image

from latentshot.datasets.class_folders import class_files, class_folders
from latentshot.datasets.folder import folder


def fill(path, *places, n=3):
    for place in places:
        (path / place).mkdir(parents=True)
        for i in range(n):
            pixels = np.random.default_rng(i).integers(0, 256, (8, 8, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(path / place / f"{i}.png")
    return path


@pytest.mark.parametrize("read", [class_folders, folder])
@pytest.mark.parametrize("names", [("Train", "Test"), ("training", "testing"), ("TRAIN", "val")])
def test_splits_of_other_names_are_not_taken_for_classes(read, names, tmp_path):
    if os.path.exists("/TMP"):
        pytest.skip("names differ by case alone here, and the file system does not tell them apart")
    fill(tmp_path, *(f"{split}/{name}" for split in names for name in ("cat", "dog")))
    with pytest.raises(ValueError, match=f"no class folders but .*{names[1]}.*, which are splits: call them train"):
        read(tmp_path)


def test_a_folder_of_splits_is_no_folder_of_classes(tmp_path):
    fill(tmp_path, "train/cat", "test/cat")
    with pytest.raises(ValueError, match="test, train, which are splits"):
        class_files(tmp_path)
    assert list(class_files(tmp_path / "train")) == ["cat"]


def test_a_class_may_have_the_name_of_a_split_beside_others(tmp_path):
    fill(tmp_path, "train/Train", "train/cat", "test/Train", "test/cat")
    assert class_folders(tmp_path)["train"].class_names == ("Train", "cat")
    assert folder(tmp_path)["test"].class_names == ("Train", "cat")


def test_loose_images_beside_class_folders_are_counted(tmp_path, capsys):
    fill(tmp_path, "cat", "dog", n=5)
    for n in range(7):
        Image.new("RGB", (8, 8)).save(tmp_path / f"loose{n}.png")
    class_folders(tmp_path)
    said = capsys.readouterr().err
    assert "7 images in no class folder are left out: loose0.png, loose1.png" in said
    assert "loose4.png and 2 more" in said


@pytest.mark.parametrize("read", [class_folders, folder])
def test_a_folder_that_cannot_be_looked_into_is_told(read, tmp_path, monkeypatch):
    fill(tmp_path, "cat", "dog/more")
    looked_into = os.scandir

    def closed(path):
        if str(path).endswith("more"):
            raise PermissionError(13, "Permission denied", str(path))
        return looked_into(path)

    monkeypatch.setattr(os, "scandir", closed)
    with pytest.raises(ValueError, match=r"more cannot be read \(Permission denied\): make it readable"):
        read(tmp_path)
