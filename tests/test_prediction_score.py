"""Predictions scored against the names of their folders, by a count by hand."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from latentshot.lasium.experiment.prediction_picture import save_predictions
from latentshot.lasium.experiment.prediction_score import UNKNOWN, report_score, true_labels

NAMES = ["cat", "dog", "emu"]
# of the queries: file, true class by its folder, the probabilities
QUERIES = [
    ("cat/1.jpg", "cat", (0.9, 0.1, 0.0)),
    ("cat/2.jpg", "cat", (0.2, 0.7, 0.1)),
    ("new/dog/3.jpg", "dog", (0.6, 0.3, 0.1)),
    ("dog/old/4.jpg", "dog", (0.1, 0.8, 0.1)),
    ("cat/dog/5.jpg", "dog", (0.05, 0.95, 0.0)),
    ("6.jpg", None, (0.0, 0.0, 1.0)),
    ("Cat/7.jpg", None, (0.0, 0.1, 0.9)),
]
FILES = [file for file, _, _ in QUERIES]
PROBABILITIES = np.array([row for _, _, row in QUERIES])
TRUTH = np.array([NAMES.index(true) if true else UNKNOWN for _, true, _ in QUERIES])


def test_the_innermost_folder_of_a_classs_name_says_the_class():
    found = true_labels([Path("queries", file) for file in FILES], Path("queries"), NAMES)
    np.testing.assert_array_equal(found, TRUTH)


def test_the_score_is_that_of_a_count_by_hand(tmp_path):
    said = report_score(tmp_path, FILES, NAMES, PROBABILITIES.argmax(axis=1), TRUTH, PROBABILITIES)
    assert said.startswith("right: 3 of 5, 60.0 % (2 others are not counted: they lie in no folder")
    matrix = (tmp_path / "confusion.csv").read_text().split()
    assert matrix == ["true", "class,cat,dog,emu", "cat,1,1,0", "dog,1,2,0", "emu,0,0,0"]
    errors = (tmp_path / "errors.csv").read_text().splitlines()
    assert errors[1:] == ["cat/2.jpg,cat,dog,0.7000", "new/dog/3.jpg,dog,cat,0.6000"]  # the surest first
    assert said.index("cat/2.jpg") < said.index("new/dog/3.jpg")
    assert (tmp_path / "confusion.png").exists()


def test_none_of_these_counts_as_such_and_not_as_the_likeliest_class(tmp_path):
    answers = np.array(
        [0, 3, 0, 3, 1, 3, 2]
    )  # of the queries with a class one was wrong and becomes none, one was right
    said = report_score(tmp_path, FILES, NAMES, answers, TRUTH, PROBABILITIES)
    assert said.startswith("right: 2 of 5, 40.0 %")
    assert "2 of them were taken for none of these, which counts as wrong" in said
    matrix = (tmp_path / "confusion.csv").read_text().splitlines()
    assert matrix == ["true class,cat,dog,emu,none of these", "cat,1,0,0,1", "dog,1,1,0,1", "emu,0,0,0,0"]
    errors = (tmp_path / "errors.csv").read_text().splitlines()
    assert errors[1:] == [
        "new/dog/3.jpg,dog,cat,0.6000",
        "cat/2.jpg,cat,none of these,",
        "dog/old/4.jpg,dog,none of these,",
    ]


def test_where_no_folder_bears_a_classs_name_nothing_is_scored(tmp_path):
    assert report_score(tmp_path, FILES, NAMES, TRUTH, np.full(len(FILES), UNKNOWN), PROBABILITIES) == ""
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize("channels", [1, 3])
def test_the_picture_has_the_examples_and_the_queries(tmp_path, channels):
    images = np.random.default_rng(0).integers(0, 256, (len(FILES), 8, 12, channels), np.uint8)
    support = images[:4], np.array([0, 0, 1, 2])
    answers = np.array([0, 1, 0, 3, 1, 2, 2])
    save_predictions(tmp_path / "predictions.png", support, images, FILES, NAMES, answers, PROBABILITIES, TRUTH)
    assert (tmp_path / "predictions.png").exists()


def test_pictures_of_many_classes_stay_small(tmp_path):
    names = [f"class {n}" for n in range(500)]
    truth, answers = np.arange(500), np.arange(500).repeat(2)[:500]  # of the later classes nothing is found
    files = [f"{name}/1.jpg" for name in names]
    images = np.zeros((500, 8, 8, 1), np.uint8)
    sureness = np.full((500, 500), 0.002)
    assert report_score(tmp_path, files, names, answers, truth, sureness).startswith("right: 1 of 500")
    save_predictions(tmp_path / "predictions.png", (images, truth), images, files, names, answers, sureness, truth)
    for name in ("confusion", "predictions"):
        with Image.open(tmp_path / f"{name}.png") as picture:
            assert max(picture.size) < 8000
