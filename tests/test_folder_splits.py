"""Folders of images as people have them: other names, and fewer images than a default asks for."""

import dataclasses
import shutil
from typing import Any

import numpy as np
import pytest

from latentshot.datasets import load_dataset
from latentshot.lasium.experiment.build import build
from latentshot.lasium.experiment.build_evaluations import evaluation
from latentshot.lasium.experiment.build_tasks import labelled_images
from latentshot.lasium.experiment.config import MetaConfig


@pytest.mark.parametrize("name", ["val", "valid"])
def test_validation_may_be_called_otherwise_serves_to_test_alone_and_not_twice(colour_folder, tmp_path, capsys, name):
    shutil.copytree(colour_folder / "train", tmp_path / "train")
    shutil.copytree(colour_folder / "test", tmp_path / name)
    data = load_dataset(f"folder:{tmp_path}")
    assert {split: len(data[split]) for split in data.splits} == {"train": 12, "test": 12}
    assert "has no folder test: its validation images serve to test" in capsys.readouterr().err
    shutil.copytree(colour_folder / "test", tmp_path / "test")
    assert set(load_dataset(f"folder:{tmp_path}").splits) == {"train", "validation", "test"}
    shutil.copytree(colour_folder / "test", tmp_path / "validation")
    with pytest.raises(ValueError, match=f"validation and .*{name} are both folders of validation images: keep one"):
        load_dataset(f"folder:{tmp_path}")


def test_each_shot_has_the_queries_that_there_are_and_one_without_any_is_left_out(colour_folder, capsys):
    """Four images a class, and 15 queries asked for."""
    config = MetaConfig(dataset=f"folder:{colour_folder}", image_size=16, learner="scratch", n_way=3, k_shot=(1, 3, 4))
    evaluations = build(config, colour_folder / "none").evaluations
    assert [(each.shape.k_shot, each.shape.n_query) for each in evaluations] == [(1, 3), (3, 1)]
    assert [each.identity["n_query"] for each in evaluations] == [3, 1]
    said = capsys.readouterr().err
    assert "1-shot test tasks have 3 queries a class in place of 15 (--n-query)" in said
    assert "4-shot is not evaluated" in said
    with pytest.raises(ValueError, match="Lower n_way, k_shot or n_query, or add images"):
        build(dataclasses.replace(config, k_shot=(4,)), colour_folder / "none")


@pytest.mark.parametrize("pool", ["pool", "zoo"])  # before test, and after it
def test_images_that_are_tested_on_by_links_are_not_learned_from(colour_folder, tmp_path, pool, capsys):
    shutil.copytree(colour_folder / "test", tmp_path / pool)
    (tmp_path / "test").mkdir()
    for name in ("blue", "green"):
        (tmp_path / "test" / name).symlink_to(tmp_path / pool / name)
    data = load_dataset(f"folder:{tmp_path}")
    assert [len(data[split]) for split in ("train", "test")] == [4, 8]
    assert "left out of the training images, for links show them in test too: 8" in capsys.readouterr().err
    red = {image.tobytes() for image in data.unlabelled}
    assert not red & {image.tobytes() for image in data["test"].images}


def test_a_link_from_one_class_to_another_takes_no_image_from_that(own_folder):
    classes = own_folder / "test"
    expected = load_dataset(f"folder:{classes}")["test"]
    (classes / "blue" / "more").symlink_to("../green")
    found = load_dataset(f"folder:{classes}")["test"]
    assert found.class_names == ("blue", "green", "red")
    np.testing.assert_array_equal(found.labels, expected.labels)
    np.testing.assert_array_equal(found.images, expected.images)


def test_images_in_no_class_folder_are_no_class_to_learn(own_folder):
    for name in ("blue", "green", "red"):
        shutil.move(own_folder / "test" / name, own_folder / "train" / name)
    data = load_dataset(f"folder:{own_folder / 'train'}")
    assert "in no class folder" in data["train"].class_names
    assert labelled_images(data, "train").class_names == ("2019", "blue", "green", "red")
    assert len(data.unlabelled) == 24


def test_links_into_the_test_images_are_counted_where_all_lies_in_one_folder(own_folder, capsys):
    (own_folder / "train" / "linked").symlink_to(own_folder / "test" / "blue")
    (own_folder / "train").rename(own_folder / "a pool")
    assert len(load_dataset(f"folder:{own_folder}")["train"]) == 12
    assert "left out of the training images, for links show them in test too: 4" in capsys.readouterr().err
    shutil.rmtree(own_folder / "a pool")
    (own_folder / "a pool").symlink_to(own_folder / "test" / "blue")
    with pytest.raises(ValueError, match="by links all lie among the test images too"):
        load_dataset(f"folder:{own_folder}")


def test_validation_images_that_are_tested_on_by_links_are_left_out(colour_folder, tmp_path, capsys):
    shutil.copytree(colour_folder / "test", tmp_path / "test")
    shutil.copytree(colour_folder / "test", tmp_path / "validation")
    shutil.copytree(colour_folder / "train", tmp_path / "train")
    (tmp_path / "validation" / "yellow").symlink_to("../test/blue")
    data = load_dataset(f"folder:{tmp_path}")
    assert data["validation"].class_names == ("blue", "green", "red")
    assert "left out of the validation images, for links show them in test too: 4" in capsys.readouterr().err
    shutil.rmtree(tmp_path / "validation")
    (tmp_path / "val").symlink_to("test")
    assert set(load_dataset(f"folder:{tmp_path}").splits) == {"train", "test"}
    said = capsys.readouterr().err
    assert "left out of the val images, for links show them in test too: 12" in said
    assert f"{tmp_path / 'val'} has no other images: there are none to validate with" in said


def test_a_folder_all_of_whose_images_are_tested_on_says_so(colour_folder, tmp_path):
    shutil.copytree(colour_folder / "test", tmp_path / "test")
    (tmp_path / "train").symlink_to(tmp_path / "test")
    with pytest.raises(ValueError, match="by links all lie among the test images too"):
        load_dataset(f"folder:{tmp_path}")


def test_rows_tell_that_they_were_tested_on_images_learned_from(colour_folder):
    options: dict[str, Any] = {"image_size": 16, "learner": "scratch", "n_way": 3, "k_shot": (1,)}
    remark = ", tested on images learned from"
    for folder, is_told in ((colour_folder, False), (colour_folder / "test", True)):
        config = MetaConfig(dataset=f"folder:{folder}", **options)
        (row,) = build(config, folder / "none").evaluations
        assert row.remarks["options"].endswith(remark) == is_told
    data = load_dataset(f"folder:{colour_folder / 'test'}", image_size=16)
    assert remark not in evaluation(config, data, 1, source="folder:elsewhere").remarks["options"]
