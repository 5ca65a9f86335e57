"""Samples, and the streams of batches drawn from them."""

import dataclasses
import json

import numpy as np
import pytest

from latentshot.datasets import Dataset, Split
from latentshot.datasets.batches import index_batches
from latentshot.datasets.labelled_batches import labelled_batches, mixed_batches
from latentshot.glico.experiment.build_generative import generator_batch_size, generator_batches, generator_schedule
from latentshot.glico.experiment.build_sample import draw_sample
from latentshot.glico.experiment.config import GlicoConfig
from latentshot.glico.experiment.defaults import resolved


@pytest.fixture
def dataset():
    """Three classes of 300 training and 5 test images, each image of a value of its own."""

    def split(per_class, first):
        n = 3 * per_class
        images = (first + np.arange(n)).astype(">u4").view(np.uint8).reshape(n, 1, 1, 4)
        return Split(images, np.repeat(np.arange(3, dtype=np.int32), per_class), ("a", "b", "c"))

    return Dataset("made", {"train": split(300, 0), "test": split(5, 10_000)}, files=tuple(map(str, range(900))))


def values(images):
    return set(images.reshape(len(images), 4).view(">u4").ravel().tolist())


def test_sample_unlabelled_and_validation_images_are_apart(dataset):
    config = GlicoConfig(samples_per_class=(5, 20), unlabelled=60, split="validation")
    small, large = (draw_sample(config, dataset, n, seed=1) for n in (5, 20))
    assert values(small.labelled.images) < values(large.labelled.images)
    assert np.bincount(small.labelled.labels).tolist() == [5, 5, 5]
    parts = [values(part) for part in (large.labelled.images, large.unlabelled, large.test.images)]
    assert [len(part) for part in parts] == [60, 60, 600]
    assert len(set.union(*parts)) == 720
    assert values(small.test.images) == values(large.test.images)
    assert values(small.labelled.images) == {int(file) for file in small.labelled_files}
    assert values(small.unlabelled) == {int(file) for file in small.unlabelled_files}


def test_seeds_draw_other_samples_and_the_subset_seed_moves_them(dataset):
    first, second = (draw_sample(GlicoConfig(), dataset, 10, seed).labelled_files for seed in (0, 1))
    assert set(first) != set(second)
    assert draw_sample(GlicoConfig(subset_seed=1), dataset, 10, 0).labelled_files == second


def test_transductive_images_are_those_of_the_test_without_their_labels(dataset):
    sample = draw_sample(GlicoConfig(transductive=True), dataset, 10, 0)
    assert values(sample.unlabelled) == values(dataset["test"].images)
    assert sample.labels.tolist() == [0] * 10 + [1] * 10 + [2] * 10 + [-1] * 15
    assert len(sample.images) == 45


def test_the_list_of_a_sample_names_its_files_by_class(dataset, tmp_path):
    sample = draw_sample(GlicoConfig(unlabelled=2), dataset, 3, 0)
    sample.write_list(tmp_path / "sample.json")
    written = json.loads((tmp_path / "sample.json").read_text())
    assert [len(written["labelled"][name]) for name in "abc"] == [3, 3, 3]
    assert all(int(file) // 300 == label for label, name in enumerate("abc") for file in written["labelled"][name])
    assert len(written["unlabelled"]) == 2


def test_a_pass_shows_every_image_once_and_the_next_in_another_order():
    batches_of_three = list(index_batches(12, 3, seed=5).take(8).as_numpy_iterator())
    first, second = np.concatenate(batches_of_three[:4]), np.concatenate(batches_of_three[4:])
    assert sorted(first) == sorted(second) == list(range(12))
    assert first.tolist() != second.tolist()


@pytest.mark.parametrize("kind", ["labelled", "mixed", "a generator's", "a generator's, of unlabelled images too"])
def test_a_stream_is_the_same_wherever_it_begins(dataset, kind):
    config = GlicoConfig(generator_batch_size=4, unlabelled=7 * ("too" in kind))
    sample = draw_sample(config, dataset, 3, 0)
    labels = np.array([0, 1, 2, 3, 4, *[-1] * 20])
    stream_from = {
        "labelled": lambda start: labelled_batches(np.arange(10), 4, 1, start),
        "mixed": lambda start: mixed_batches(labels, 5, 2, 6, 1, start),
    }.get(kind, lambda start: generator_batches(config, sample, start))
    whole, rest = list(stream_from(0).take(9).as_numpy_iterator()), list(stream_from(6).take(3).as_numpy_iterator())
    for ours, expected in zip(rest, whole[6:], strict=True):
        np.testing.assert_array_equal(ours["index"], expected["index"])
        np.testing.assert_array_equal(ours["label"], expected["label"])


def test_a_labelled_batch_has_the_labels_of_its_images():
    labels = np.array([5, -1, 3, 8, -1, 1])
    for batch in labelled_batches(labels, 3, seed=0).take(6).as_numpy_iterator():
        assert (batch["label"] >= 0).all()
        np.testing.assert_array_equal(batch["label"], labels[batch["index"]])


def test_a_mixed_batch_holds_so_many_labelled_images_and_none_twice():
    labels = np.array([0, 1, 2, 3, *[-1] * 20])
    for batch in mixed_batches(labels, 4, 3, 8, seed=0).take(20).as_numpy_iterator():
        assert (batch["label"] >= 0).sum() == 3
        assert len(set(batch["index"])) == 8
        np.testing.assert_array_equal(batch["label"], labels[batch["index"]])


@pytest.mark.parametrize("unlabelled", [1, 3, 40, 300])
def test_labelled_images_are_seen_as_often_with_unlabelled_ones_as_without(dataset, unlabelled):
    config = GlicoConfig(generator_batch_size=24, unlabelled=unlabelled, budget=0.05)
    sample = draw_sample(config, dataset, 10, 0)
    alone = draw_sample(GlicoConfig(), dataset, 10, 0)
    plan, plan_alone = (generator_schedule(config, one) for one in (sample, alone))
    batch = next(generator_batches(config, sample, 0).as_numpy_iterator())
    assert len(set(batch["index"])) == len(batch["index"]) == 24
    seen = plan.steps * (batch["label"] >= 0).sum()
    assert seen == pytest.approx(24 * plan_alone.steps, rel=0.1)


@pytest.mark.parametrize(("size", "seen"), [(10, 3333), (100, 333), (200, 200), (300, 200)])
def test_a_generator_of_ones_own_images_sees_each_200_times_at_least(dataset, size, seen):
    config = resolved(GlicoConfig("folder:photographs", compare=("glico",)))
    sample = draw_sample(config, dataset, size, 0)
    plan = generator_schedule(config, sample)
    assert plan.steps * generator_batch_size(config, sample) / sample.n_labelled == pytest.approx(seen, rel=0.05)


def test_a_sample_of_changed_images_without_labels_is_told(dataset, tmp_path):
    sample = draw_sample(GlicoConfig(unlabelled=5), dataset, 3, 0)
    sample.write_list(tmp_path / "sample.json")
    sample.check_list(tmp_path / "sample.json")
    sample.unlabelled[0, 0, 0, 0] += 1
    changed = dataclasses.replace(sample)  # computes its fingerprints anew
    assert changed.fingerprint == sample.fingerprint  # so that scores of other runs remain comparable
    with pytest.raises(ValueError, match=r"the images are no longer those of .*sample\.json"):
        changed.check_list(tmp_path / "sample.json")


def test_the_list_of_another_version_is_told(dataset, tmp_path):
    sample = draw_sample(GlicoConfig(), dataset, 3, 0)
    (tmp_path / "sample.json").write_text(json.dumps({"fingerprint": sample.fingerprint}))
    with pytest.raises(
        ValueError, match=r"sample\.json was written by another version, for it lacks fingerprint_of_ord"
    ):
        sample.check_list(tmp_path / "sample.json")


def test_a_sample_of_changed_images_is_told(dataset, tmp_path):
    sample = draw_sample(GlicoConfig(), dataset, 3, 0)
    sample.check_list(tmp_path / "sample.json")  # nothing there yet
    sample.write_list(tmp_path / "sample.json")
    sample.check_list(tmp_path / "sample.json")
    dataset["train"].images[...] += 1
    with pytest.raises(ValueError, match=r"the images are no longer those of .*sample\.json"):
        draw_sample(GlicoConfig(), dataset, 3, 0).check_list(tmp_path / "sample.json")


def test_the_same_images_are_the_same_sample_whatever_the_seed(dataset):
    whole = {seed: draw_sample(GlicoConfig(), dataset, 300, seed) for seed in (0, 1)}
    assert whole[0].labelled_files != whole[1].labelled_files
    assert whole[0].fingerprint == whole[1].fingerprint
    parts = {seed: draw_sample(GlicoConfig(), dataset, 299, seed) for seed in (0, 1)}
    assert parts[0].fingerprint != parts[1].fingerprint
