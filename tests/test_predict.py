"""Predictions on a folder of images by an exported learner."""

import csv
import shutil
from pathlib import Path

import keras
import numpy as np
import pytest
from made_exports import export_blurred_pixels
from made_images import save_images
from PIL import Image
from real_commands import call

from latentshot.bin import predict
from latentshot.datasets.image_files import read_image
from latentshot.estimators import few_shot
from latentshot.estimators.images import pixels
from latentshot.lasium.experiment.predict import predict_folder
from latentshot.lasium.learners.maml import MAML
from latentshot.models.conv4 import conv4

CLASSES = ("blue", "green", "red")


@pytest.fixture(scope="module")
def export(tmp_path_factory):
    """MAML with fresh weights, for four classes."""
    keras.utils.set_random_seed(0)
    learner = MAML(conv4((16, 16, 3), 4, filters=8, momentum=0.0), inner_lr=0.1, eval_inner_steps=10)
    folder = tmp_path_factory.mktemp("run") / "export"
    learner.export(folder)
    return folder


@pytest.fixture(scope="module")
def calibrated(tmp_path_factory):
    """Prototypes of blurred pixels, with a threshold for "none of these"."""
    folder = tmp_path_factory.mktemp("calibrated")
    export_blurred_pixels(folder, (16, 16, 3), 4, least_cosine=0.9)
    return folder


@pytest.fixture
def colours(tmp_path):
    """Two examples and two queries of the classes' own colours, which are at right angles."""
    for place in ("support", "query"):
        for name in CLASSES:
            (tmp_path / place / name).mkdir(parents=True)
            for number in range(2):
                Image.new("RGB", (16, 16), name).save(tmp_path / place / name / f"{number}.png")
    return tmp_path / "support", tmp_path / "query"


@pytest.fixture
def support(tmp_path):
    for number, name in enumerate(CLASSES):
        save_images(tmp_path / "support" / name, 3, size=(16, 16), seed=2 + number)
    return tmp_path / "support"


def rows_of(out):
    with (out / "predictions.csv").open() as file:
        return list(csv.DictReader(file))


def test_fewer_classes_than_the_head_has_are_told_apart(export, support, tmp_path):
    found = predict_folder(export.parent, support, support, tmp_path / "out")
    assert found.probabilities.shape == (9, 3)
    np.testing.assert_allclose(found.probabilities.sum(axis=1), 1, rtol=1e-5)
    assert [found.class_names[label] for label in found.labels] == [path.parent.name for path in found.files]


def test_many_queries_are_answered_in_parts_each_in_its_place(export, support, tmp_path, monkeypatch):
    """Support statistics would be exact; by those of the queries an answer depends on the others of its part."""
    monkeypatch.setattr(few_shot, "AT_ONCE", 4)
    found = predict_folder(export, support, support, tmp_path / "out")
    assert [found.class_names[label] for label in found.labels] == [path.parent.name for path in found.files]
    rows = rows_of(tmp_path / "out")
    assert [row["file"].split("/")[0] for row in rows] == [row["class"] for row in rows]


def test_an_example_and_a_query_that_cannot_be_read_move_no_label_and_no_name(calibrated, colours, tmp_path):
    for folder in colours:
        (folder / "blue" / "0.png").write_text("no image")
    support, query = colours
    found = predict_folder(calibrated, support, query, tmp_path / "out")
    assert found.support_labels.tolist() == [0, 1, 1, 2, 2]
    read = ["blue/1.png", "green/0.png", "green/1.png", "red/0.png", "red/1.png"]
    assert [(row["file"], row["class"]) for row in rows_of(tmp_path / "out")] == [(f, f.split("/")[0]) for f in read]


def test_a_query_like_no_example_is_none_of_these_beside_its_likeliest_class(calibrated, colours, tmp_path, capsys):
    Image.new("RGB", (16, 16), "white").save(colours[1] / "green" / "odd.png")
    call(predict.main, [calibrated, "--support", colours[0], "--query", colours[1], "--out", tmp_path / "out"])
    rows = rows_of(tmp_path / "out")
    assert {row["file"]: row["none of these"] for row in rows} == {
        **{f"{name}/{number}.png": "" for name in CLASSES for number in range(2)},
        "green/odd.png": "yes",
    }
    assert all(row["class"] in CLASSES for row in rows)
    matrix = (tmp_path / "out" / "confusion.csv").read_text().splitlines()
    assert matrix == ["true class,blue,green,red,none of these", "blue,2,0,0,0", "green,0,2,0,1", "red,0,0,2,0"]
    assert "right: 6 of 7" in capsys.readouterr().out


def test_without_a_threshold_nothing_is_said_of_none_of_these(export, support, tmp_path):
    found = predict_folder(export, support, support, tmp_path / "out")
    assert found.none_of_these is None
    np.testing.assert_array_equal(found.answers, found.labels)
    assert "none of these" not in rows_of(tmp_path / "out")[0]


def test_the_picture_of_an_earlier_call_is_no_query(export, support):
    for _ in range(2):
        assert len(predict_folder(export, support, support, support.parent / "support" / "out").files) == 9


def test_nor_is_it_where_the_folders_are_spelled_otherwise(export, support, monkeypatch):
    monkeypatch.chdir(support)
    for _ in range(2):
        assert len(predict_folder(export, support, support, Path("out")).files) == 9


def test_the_output_may_lie_among_queries_and_examples(export, support, monkeypatch):
    monkeypatch.chdir(support)
    for _ in range(2):
        found = predict_folder(export, Path(), Path(), Path("blue"))
        assert (len(found.files), len(found.class_names)) == (9, 3)
    for _ in range(2):
        found = predict_folder(export, Path(), Path(), Path("predictions"))
        assert (len(found.files), len(found.class_names)) == (9 + 1, 3)  # the picture in blue is of another call


def test_queries_that_are_examples_are_answered_and_not_scored(export, support, tmp_path, capsys):
    query = shutil.copytree(support, tmp_path / "query")
    (query / "blue" / "linked.jpg").symlink_to(support / "blue" / "0.jpg")
    found = predict_folder(export, support, query, tmp_path / "out")
    assert len(found.files) == 10
    said = capsys.readouterr()
    assert "queries that are examples too, and are not scored: 1" in said.err
    assert "of 9, " in said.out
    predict_folder(export, support, support, tmp_path / "out")
    assert not {"confusion.csv", "errors.csv"} & {file.name for file in (tmp_path / "out").iterdir()}
    assert "right:" not in capsys.readouterr().out


def test_a_file_in_the_place_of_a_folder_is_told(export, support, tmp_path):
    with pytest.raises(ValueError, match=r"0.jpg is a file: name the folder it lies in"):
        predict_folder(export, support, support / "blue" / "0.jpg", tmp_path / "out")


def test_inverted_images_are_what_the_learner_sees(export, support, tmp_path, monkeypatch):
    seen = []

    def recorder(images, invert):
        seen.append(pixels(images, invert))
        return seen[-1]

    monkeypatch.setattr(few_shot, "pixels", recorder)
    predict_folder(export, support, support, tmp_path / "out", invert=True)
    image, _ = read_image(support / "blue" / "0.jpg", (16, 16), 3)
    np.testing.assert_allclose(seen[0][0], 1 - image / 255, atol=1e-6)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda s: [save_images(s / name, 1) for name in "vw"], "5 classes were given; this learner tells 4 at most"),
        (lambda s: [(s / "red" / f"{i}.jpg").write_text("x") for i in range(3)], "class 'red' has no example that can"),
        (lambda s: [f.unlink() for f in (s / "red").iterdir()], "class 'red' has no image"),
    ],
)
def test_examples_that_do_not_suffice_are_told(export, support, tmp_path, spoil, message):
    query = tmp_path / "query"
    save_images(query, 1)
    spoil(support)
    with pytest.raises(ValueError, match=message):
        predict_folder(export, support, query, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_one_class_no_export_and_no_query_are_told(export, support, tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(ValueError, match="is no exported learner: name a run"):
        predict_folder(tmp_path / "empty", support, support, tmp_path / "out")
    with pytest.raises(ValueError, match="holds no image"):
        predict_folder(export, support, tmp_path / "empty", tmp_path / "out")
    save_images(tmp_path / "one" / "alone", 2)
    with pytest.raises(ValueError, match="only one class, 'alone'"):
        predict_folder(export, tmp_path / "one", support, tmp_path / "out")
