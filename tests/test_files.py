"""Files and folders that appear whole or not at all."""

import shutil

import pytest

from latentshot.training.files import copy_folder, whole_file


def test_a_copy_that_is_cut_off_leaves_nothing(tmp_path, monkeypatch):
    (tmp_path / "from").mkdir()
    (tmp_path / "from" / "a").write_text("a")

    def full(source, target):
        target.mkdir()
        (target / "a").write_text("")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shutil, "copytree", full)
    with pytest.raises(OSError, match=r"to cannot be written: .*No space left"):
        copy_folder(tmp_path / "from", tmp_path / "to")
    assert [file.name for file in tmp_path.iterdir()] == ["from"]
    monkeypatch.undo()
    copy_folder(tmp_path / "from", tmp_path / "to")
    assert (tmp_path / "to" / "a").read_text() == "a"


def test_what_cannot_be_written_whole_leaves_what_was_there(tmp_path):
    (tmp_path / "x.csv").write_text("before")

    def write_half():
        with whole_file(tmp_path / "x.csv") as part, part.open("w") as file:
            file.write("half")
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match=r"x\.csv cannot be written"):
        write_half()
    assert {file.name: file.read_text() for file in tmp_path.iterdir()} == {"x.csv": "before"}
