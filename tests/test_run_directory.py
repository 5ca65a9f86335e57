import json
import subprocess
from itertools import chain

import keras
import pytest

from latentshot.datasets.split_folders import HELD_BACK
from latentshot.experiment import versions
from latentshot.experiment.run_directory import ROWS, SPLIT_FOLDERS, RunDirectory


def test_a_folder_in_use_needs_resume_and_a_changed_configuration_is_told(tmp_path):
    directory = RunDirectory(tmp_path / "run")
    directory.start({"alpha": 0.2, "seed": 0, "data_dir": "here"}, resume=False)
    with pytest.raises(ValueError, match="holds a run already: continue it with --resume"):
        directory.start({"alpha": 0.2, "seed": 0, "data_dir": "here"}, resume=False)
    directory.start({"alpha": 0.2, "seed": 0, "data_dir": "there"}, resume=True)
    with pytest.raises(ValueError, match=r"alpha was 0\.2 and is 0\.4"):
        directory.start({"alpha": 0.4, "seed": 0, "data_dir": "here"}, resume=True)
    stored = json.loads((tmp_path / "run" / "config.json").read_text())
    assert stored["config"] == {"alpha": 0.2, "seed": 0, "data_dir": "there"}
    assert stored["versions"]["keras"] == keras.__version__


def test_other_data_than_at_the_start_is_told_with_what_changed(tmp_path):
    directory = RunDirectory(tmp_path / "run")
    before = {"unlabelled": "120 images, 0a", "test": "8 images, 0b"}
    directory.start({}, False, before)
    directory.start({}, True, before)
    with pytest.raises(ValueError, match=r"other data \(unlabelled was 120 images, 0a and is 40 images, 0c\)"):
        directory.start({}, True, {**before, "unlabelled": "40 images, 0c"})
    directory.check_data({"test": "8 images, 0b"})


def test_results_that_lost_rows_are_damaged(tmp_path):
    directory = RunDirectory(tmp_path / "run")
    directory.start({}, False, {ROWS: "2"})
    row: dict = {"method": "M", "dataset": "D", "options": "", "paper": "", "seconds": 1.0}
    directory.write_results([row, row])
    assert directory.results() == [row, row]
    damaged: list = [[], [row], [row, {"k_shot": 1}], {}]
    for rows in damaged:
        directory.results_file.write_text(json.dumps(rows))
        with pytest.raises(ValueError, match=r"results\.json is damaged.*remove it, and repeat the run's command"):
            directory.results()


def test_a_folder_of_something_else_is_left_alone(tmp_path):
    (tmp_path / "thesis.tex").write_text("precious")
    for resume in (False, True):
        with pytest.raises(ValueError, match="is not empty and holds no run"):
            RunDirectory(tmp_path).start({}, resume)


@pytest.mark.parametrize("name", ["thesis.tex", "thesis.tex/run", "link"])
def test_a_file_where_a_folder_should_be_is_told(tmp_path, name):
    (tmp_path / "thesis.tex").write_text("precious")
    (tmp_path / "link").symlink_to("nowhere")
    with pytest.raises(ValueError, match=rf"{name} cannot be written: .*{name.split('/')[0]} is no folder"):
        RunDirectory(tmp_path / name).check({}, resume=False)


def test_an_unfinished_run_is_named_where_its_results_are_asked_for(tmp_path):
    with pytest.raises(ValueError, match="holds no run"):
        RunDirectory(tmp_path / "nothing").finished_results()
    RunDirectory(tmp_path / "table").start({"recipe": "r", "rows": [], "seeds": 1, "overrides": {}}, resume=False)
    with pytest.raises(ValueError, match=r"table is of bin/reproduce\.py: its runs are the folders in it"):
        RunDirectory(tmp_path / "table").finished_results()
    RunDirectory(tmp_path / "run").start({}, resume=False)
    with pytest.raises(ValueError, match="has not finished"):
        RunDirectory(tmp_path / "run").finished_results()


def test_the_commit_is_this_projects_and_not_that_of_one_around_it(tmp_path, monkeypatch):
    package = tmp_path / "site-packages" / "latentshot" / "experiment"
    package.mkdir(parents=True)
    for words in (["init"], ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "--allow-empty", "-m", "theirs"]):
        subprocess.run(["git", *words], cwd=tmp_path, check=True, capture_output=True)
    monkeypatch.setattr(versions, "__file__", str(package / "versions.py"))
    RunDirectory(tmp_path / "run").start({}, resume=False)
    assert RunDirectory(tmp_path / "run").versions()["commit"] == ""


def test_a_run_goes_on_where_its_folder_of_images_lies_now(tmp_path):
    place = tmp_path / "run"
    RunDirectory(place).start({"dataset": "folder:/before/photos", "alpha": 0.2}, False, {"test": "0a"})
    with pytest.raises(ValueError, match="dataset was 'folder:/before/photos' and is 'folder:/after/others'"):
        RunDirectory(place).start({"dataset": "folder:/after/others", "alpha": 0.2}, True, {"test": "0a"})
    with pytest.raises(ValueError, match="other data"):
        RunDirectory(place).start({"dataset": "folder:/after/photos", "alpha": 0.2}, True, {"test": "0b"})
    RunDirectory(place).start({"dataset": "folder:/after/photos", "alpha": 0.2}, True, {"test": "0a"})
    assert RunDirectory(place).config() == {"dataset": "folder:/after/photos", "alpha": 0.2}


@pytest.mark.parametrize("place", ["runs/a", ".", "train/runs/a", "test/runs/a", "val/b"])
def test_a_run_among_the_images_is_told(tmp_path, place):
    if "/" in place and not place.startswith("runs"):
        (tmp_path / "train").mkdir()
    with pytest.raises(ValueError, match=r"lies among the images of .*: choose another --run-dir"):
        RunDirectory(tmp_path / place).check({"dataset": f"folder:{tmp_path}"}, resume=False)


@pytest.mark.parametrize("place", ["set/train/runs/a", "pool/runs/a"])
def test_a_run_among_the_images_that_a_link_leads_to_is_told(tmp_path, place):
    for name in ("set", "pool"):
        (tmp_path / name).mkdir()
    (tmp_path / "set" / "train").symlink_to("../pool")
    with pytest.raises(ValueError, match="lies among the images of"):
        RunDirectory(tmp_path / place).check_apart(f"folder:{tmp_path / 'set'}")


@pytest.mark.parametrize("place", ["runs/a", ".runs/a", "train/.runs/a"])
def test_a_run_beside_the_images_is_not_among_them(tmp_path, place):
    (tmp_path / "train").mkdir()
    RunDirectory(tmp_path / place).check({"dataset": f"folder:{tmp_path}"}, resume=False)
    RunDirectory(tmp_path.parent / "elsewhere").check({"dataset": f"folder:{tmp_path}"}, resume=False)
    assert set(SPLIT_FOLDERS) == {"train", *chain.from_iterable(HELD_BACK.values())}
