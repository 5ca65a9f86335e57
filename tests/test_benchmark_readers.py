"""CelebA and mini-ImageNet, from tiny trees in the layout of the real ones."""

import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import tensorflow as tf
from archives import ATTRIBUTES, PEOPLE, N, attributes_of, save_celeba
from made_images import save_images

from latentshot.datasets import load_dataset
from latentshot.datasets.celeba import celeba_attributes
from latentshot.datasets.mini_imagenet import IMAGES_PER_CLASS, SPLITS
from latentshot.lasium.tasks.attributes import AttributeSource
from latentshot.lasium.tasks.labelled import labelled_tasks
from latentshot.lasium.tasks.stream import TaskShape


@pytest.fixture
def celeba_folder(tmp_path):
    return save_celeba(tmp_path)


def test_celeba_has_people_as_classes_and_no_person_in_two_splits(celeba_folder):
    data = load_dataset("celeba", celeba_folder)
    assert data.image_shape == (84, 84, 3)
    assert [len(data[name]) for name in ("train", "validation", "test")] == list(N.values())
    people = [set(data[name].class_names) for name in ("train", "validation", "test")]
    assert len(people[0] | people[1] | people[2]) == sum(map(len, people))
    assert np.bincount(data["test"].labels).tolist() == [PEOPLE] * (N["2"] // PEOPLE)
    np.testing.assert_allclose(data["validation"].images[0], N["0"] + 1, atol=1)
    x, _ = next(iter(labelled_tasks(data["test"], n_way=5, k_shot=1, n_query=3)))
    assert x["query_images"].shape == (4, 15, 84, 84, 3)


@pytest.mark.parametrize("name", ["celeba", "celeba-attributes"])
def test_a_partition_without_validation_images_has_no_such_split_and_one_without_test_images_is_an_error(
    celeba_folder, capsys, name
):
    partition = celeba_folder / "Eval/list_eval_partition.txt"
    partition.write_text(partition.read_text().replace(" 1\n", " 0\n"))
    assert set(load_dataset(name, celeba_folder).splits) == {"train", "test"}
    assert "assigns no image to validation (number 1): there is none" in capsys.readouterr().err
    partition.write_text(partition.read_text().replace(" 2\n", " 0\n"))
    with pytest.raises(ValueError, match="assigns no image to test, which has the number 2"):
        load_dataset(name, celeba_folder)


def test_each_split_has_attributes_of_its_own(celeba_folder):
    data = load_dataset("celeba-attributes", celeba_folder)
    names = [data[name].attribute_names for name in ("train", "validation", "test")]
    assert [len(part) for part in names] == [20, 10, 10]
    assert list(names[0] + names[1] + names[2]) == ATTRIBUTES
    first_of_test = N["0"] + N["1"] + 1
    np.testing.assert_array_equal(data["test"].attributes[0], attributes_of(first_of_test)[30:])


def test_the_two_classes_of_a_task_share_none_of_its_attributes(celeba_folder):
    split = load_dataset("celeba-attributes", celeba_folder)["test"]
    shape = TaskShape(2, 2, 1)
    source = AttributeSource(split, shape)
    seen = set()
    for task in range(60):
        indices = source.plan(shape, tf.constant([0, task])).numpy()
        assert indices.shape == (2, 3)
        assert len(set(indices.ravel())) == 6
        first, second = split.attributes[indices]  # (3 images, 10 attributes) each
        defining = np.flatnonzero((first == first[0]).all(axis=0) & (second != first[0]).all(axis=0))
        assert len(defining) >= 3  # alike within a class, and opposite in the other
        seen.add((tuple(defining), tuple(first[0, defining])))
    assert len(seen) > 30


def test_definitions_that_are_too_rare_are_left_out(celeba_folder):
    split = load_dataset("celeba-attributes", celeba_folder)["test"]
    shape = TaskShape(2, 3, 5)
    source = AttributeSource(split, shape)
    for chosen, values in zip(source.chosen.numpy(), source.values.numpy(), strict=True):
        has = split.attributes[:, chosen]
        assert (has == values).all(axis=1).sum() >= 8
        assert (has != values).all(axis=1).sum() >= 8
    pairs = 120 * 4  # of three attributes among ten, and of values that are no pair's opposite
    assert len(source.chosen) < pairs
    with pytest.raises(ValueError, match="no 3 attributes of the split define two classes of 40 images each"):
        AttributeSource(split, TaskShape(2, 20, 20))
    with pytest.raises(ValueError, match="n_way is 5; tasks of attributes have 2 classes"):
        AttributeSource(split, TaskShape(5, 1, 1))


@pytest.mark.parametrize(
    ("dataset", "missing"),
    [("celeba", "Anno/identity_CelebA.txt"), ("celeba-attributes", "Eval/list_eval_partition.txt")],
)
def test_a_missing_list_says_which_files_go_where(celeba_folder, dataset, missing):
    (celeba_folder / missing).unlink()
    with pytest.raises(ValueError, match=r"has no (identity|list_eval).*img_align_celeba.*--data-dir"):
        load_dataset(dataset, celeba_folder)


def test_without_the_archive_attributes_come_through_tfds_and_faces_cannot(tmp_path, monkeypatch):
    images = np.stack([np.full((218, 178, 3), 10 * i, np.uint8) for i in range(6)])
    attributes = np.stack([attributes_of(i) for i in range(6)])
    builder = SimpleNamespace(
        data_dir="made",
        info=SimpleNamespace(
            features={"attributes": ATTRIBUTES[::-1]},
            splits={name: SimpleNamespace(num_examples=6) for name in ("train", "validation", "test")},
        ),
        as_dataset=lambda split: tf.data.Dataset.from_tensor_slices(
            {"image": images, "attributes": {name: attributes[:, i] for i, name in enumerate(ATTRIBUTES)}}
        ),
    )
    monkeypatch.setattr("latentshot.datasets.celeba.prepared_builder", lambda *_: builder)
    data = celeba_attributes(tmp_path)
    assert data["test"].images.shape == (6, 84, 84, 3)
    np.testing.assert_array_equal(data["test"].images[:][:, 0, 0, 0], [0, 10, 20, 30, 40, 50])
    np.testing.assert_array_equal(data["test"].attributes, attributes[:, 30:])
    with pytest.raises(ValueError, match=r"celeb_a has no identities"):
        load_dataset("celeba", tmp_path)


def test_mini_imagenet_is_read_from_class_folders_with_the_published_split(tmp_path):
    for split, classes in SPLITS.items():
        for name in classes:
            save_images(tmp_path / ("val" if split == "validation" else split) / name, 2, size=(20, 30))
    data = load_dataset("mini-imagenet", tmp_path)
    assert data.image_shape == (84, 84, 3)
    assert [len(data[name].class_names) for name in ("train", "validation", "test")] == [64, 16, 20]
    assert [len(data[name]) for name in ("train", "validation", "test")] == [128, 32, 40]
    assert len({name for split in SPLITS.values() for name in split}) == 100


def test_of_imagenets_tree_the_first_six_hundred_of_a_class_are_taken(tmp_path, monkeypatch):
    monkeypatch.setattr("latentshot.datasets.mini_imagenet.SPLITS", {"train": SPLITS["train"][:2]})
    monkeypatch.setattr("latentshot.datasets.mini_imagenet.IMAGES_PER_CLASS", 3)
    for name in SPLITS["train"][:2]:
        save_images(tmp_path / "train" / name, 5, size=(20, 30))
    assert np.bincount(load_dataset("mini-imagenet", tmp_path)["train"].labels).tolist() == [3, 3]
    assert IMAGES_PER_CLASS == 600


def test_a_missing_class_of_mini_imagenet_is_named(tmp_path):
    with pytest.raises(ValueError, match=r"has no folder of class n01532829: .*--data-dir"):
        load_dataset("mini-imagenet", tmp_path)


def test_the_split_is_that_of_the_shared_list():
    file = Path(__file__).resolve().parents[2] / "shared" / "data" / "mini_imagenet_classes.json"
    if not file.exists():
        pytest.skip("the list of mini-ImageNet's classes (../shared/data) is not here")
    listed = json.loads(file.read_text())
    assert {name: sorted(classes) for name, classes in SPLITS.items()} == {
        "train": sorted(listed["train"]),
        "validation": sorted(listed["val"]),
        "test": sorted(listed["test"]),
    }
