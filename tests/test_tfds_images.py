"""Sets of TensorFlow Datasets by name: one made here, and the prepared Omniglot."""

import shutil

import numpy as np
import pytest
import tensorflow_datasets as tfds

from latentshot.datasets import load_dataset

N = {"train": 12, "test": 6}


def made(folder, splits=("train", "test"), shape=(20, 24, 3), by_class=False, name="made", unlabelled=()):
    """Prepares a set of four classes, whose images are all of one value: ten times the number of the class.

    unlabelled: splits whose images have no label, -1.
    """

    class Made(tfds.core.GeneratorBasedBuilder):
        VERSION = tfds.core.Version("1.0.0")

        def _info(self):
            features = {"picture": tfds.features.Image(shape=shape), "kind": tfds.features.ClassLabel(names=[*"abcd"])}
            return self.dataset_info_from_configs(features=tfds.features.FeaturesDict(features))

        def _split_generators(self, dl_manager):
            return {split: self._generate_examples(split) for split in splits}

        def _generate_examples(self, split):
            for i in range(N.get(split, 4)):
                label = i % 2 + 2 * (split == "test") if by_class else i % 4
                size = tuple(side or 30 + i for side in shape[:2])
                kind = -1 if split in unlabelled else label
                yield i, {"picture": np.full((*size, shape[2]), 10 * label, np.uint8), "kind": kind}

    Made.name = name
    Made(data_dir=folder).download_and_prepare()


@pytest.fixture(autouse=True)
def unregistered():
    """A builder's class is known by its name as long as the process lives: the tests read what is prepared alone."""
    yield
    for names in (tfds.core.registered._DATASET_REGISTRY,):
        names.pop("made", None)


def test_sizes_channels_and_splits_come_from_the_sets_own_info(tmp_path):
    made(tmp_path)
    data = load_dataset("tfds:made", tmp_path, split_by="image")
    assert (data.name, data.image_shape) == ("made", (20, 20, 3))
    assert data["train"].class_names == data["test"].class_names == ("a", "b", "c", "d")
    for split, n in N.items():
        assert len(data[split]) == n
        np.testing.assert_array_equal(data[split].images[:, 0, 0, 0], 10 * data[split].labels)


def test_test_images_without_labels_are_left_out_and_those_of_validation_serve(tmp_path, capsys):
    made(tmp_path, splits=("train", "validation", "test"), unlabelled=("test",))
    data = load_dataset("tfds:made", tmp_path, split_by="image")
    assert sorted(data["test"].labels) == [0, 1, 2, 3]
    assert data["test"].class_names == ("a", "b", "c", "d")
    assert "made, test: 6 images are left out, which have no label" in capsys.readouterr().err


def test_images_are_scaled_and_made_grey_where_that_is_asked(tmp_path):
    made(tmp_path, shape=(None, None, 3))
    assert load_dataset("tfds:made", tmp_path).image_shape == (84, 84, 3)
    assert load_dataset("tfds:made", tmp_path, split_by="image").image_shape == (80, 80, 3)  # which DCGANs can make
    assert load_dataset("tfds:made", tmp_path, image_size=8, channels=1).image_shape == (8, 8, 1)


def test_grey_sets_stay_grey(tmp_path):
    made(tmp_path, shape=(10, 10, 1))
    assert load_dataset("tfds:made", tmp_path).image_shape == (10, 10, 1)


def test_without_a_class_in_common_a_set_is_split_by_class(tmp_path):
    made(tmp_path, by_class=True)
    data = load_dataset("tfds:made", tmp_path)
    assert (data["train"].class_names, data["test"].class_names) == (("a", "b"), ("c", "d"))
    assert set(data["test"].labels.tolist()) == {0, 1}
    with pytest.raises(ValueError, match="made is split by class"):
        load_dataset("tfds:made", tmp_path, split_by="image")


@pytest.mark.parametrize(("splits", "n_test"), [(("train", "validation"), 4), (("train",), 2)])
def test_without_a_test_split_another_part_serves_and_that_is_said(tmp_path, capsys, splits, n_test):
    made(tmp_path, splits)
    data = load_dataset("tfds:made", tmp_path)
    assert len(data["test"]) == n_test
    assert len(data["train"]) + n_test == 12 + 4 * (len(splits) > 1)
    assert "serves to test" in capsys.readouterr().err


def test_a_large_set_is_read_from_a_file_in_the_same_order(tmp_path, monkeypatch):
    made(tmp_path)
    small = load_dataset("tfds:made", tmp_path)
    monkeypatch.setattr("latentshot.datasets.tfds_images.LARGEST_IN_MEMORY", 0)
    large = load_dataset("tfds:made", tmp_path)
    assert not isinstance(large["train"].images, np.ndarray)
    np.testing.assert_array_equal(large["train"].images[np.arange(12)], small["train"].images)


def test_a_cache_without_room_for_a_set_is_told_before_it_is_read(tmp_path, monkeypatch):
    made(tmp_path)
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=17_000))
    with pytest.raises(ValueError, match=r"images needs .* free there"):
        load_dataset("tfds:made", tmp_path, image_size=23)  # 12 of 23x23x3 are 19,044 bytes


def test_an_unknown_set_is_told(tmp_path):
    with pytest.raises(ValueError, match="TensorFlow Datasets has no set 'no_such_set'"):
        load_dataset("tfds:no_such_set", tmp_path)


def test_a_set_without_a_training_split_is_told(tmp_path):
    made(tmp_path, ("test",))
    with pytest.raises(ValueError, match="made has no split train, but test"):
        load_dataset("tfds:made", tmp_path)


def test_a_set_whose_training_images_have_no_labels_is_told(tmp_path):
    made(tmp_path, unlabelled=("train",))
    with pytest.raises(ValueError, match="made has no label on any image of its split train"):
        load_dataset("tfds:made", tmp_path)


@pytest.mark.soak  # made sets are tested always, all of Omniglot here
def test_the_prepared_omniglot_is_split_by_class(prepared_tfds):
    data = load_dataset("tfds:omniglot", prepared_tfds, image_size=14, channels=1)
    assert (len(data["train"]), len(data["test"])) == (19_280, 13_180)
    assert not set(data["train"].class_names) & set(data["test"].class_names)
