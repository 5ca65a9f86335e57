"""Rows compared on the same samples: differences, their errors over samples and over test images, and the words."""

import numpy as np
import pytest
from scipy import stats

from latentshot.experiment.paired_samples import (
    difference,
    differences,
    image_error,
    image_error_of_difference,
    packed,
    paired_table,
    unpacked,
)

RIGHT = np.random.default_rng(0).random((2, 3, 203)) < np.array([0.4, 0.6])[:, None, None]  # rows, samples, images


def row(right, samples="abc", split="test", size=10, dataset="digits"):
    top1 = (100 * right.mean(axis=1)).tolist()
    return {
        "samples_per_class": size,
        "dataset": dataset,
        "split": split,
        "samples": list(samples[: len(right)]),
        "top1": float(np.mean(top1)),
        "top1_by_seed": top1,
        "images": right.shape[1],
        "right_by_seed": [packed(each) for each in right],
    }


def test_truth_values_come_back_from_their_text():
    for n in (1, 7, 8, 203):
        np.testing.assert_array_equal(unpacked(packed(RIGHT[0, 0, :n]), n), RIGHT[0, 0, :n])


def test_the_error_by_images_of_one_repetition_is_a_binomials():
    share = RIGHT[0, 0].mean()
    assert image_error(row(RIGHT[0, :1])) == pytest.approx(100 * np.sqrt(share * (1 - share) / 202))


def test_test_images_are_the_same_in_every_repetition_and_validation_images_may_be():
    often = RIGHT[0].mean(axis=0)
    assert image_error(row(RIGHT[0])) == pytest.approx(100 * stats.sem(often))
    by_itself = [100 * stats.sem(each.astype(float)) for each in RIGHT[0]]
    assert image_error(row(RIGHT[0], split="validation")) == pytest.approx(np.sqrt(np.square(by_itself).mean()))
    same = row(np.repeat(RIGHT[0, :1], 3, axis=0))
    assert image_error(same) == pytest.approx(by_itself[0])  # repetitions of one answer say nothing more


def test_two_rows_are_compared_on_the_samples_of_both_image_by_image():
    own, other = row(RIGHT[1], "abc"), row(RIGHT[0], "xcb")
    gains = 100 * (RIGHT[1, 1:].mean(axis=1) - RIGHT[0, [2, 1]].mean(axis=1))
    assert differences(own, other) == pytest.approx(gains.tolist())
    by_image = (RIGHT[1, 1:].astype(float) - RIGHT[0, [2, 1]]).mean(axis=0)
    assert image_error_of_difference(own, other) == pytest.approx(100 * stats.sem(by_image))
    assert image_error_of_difference(own, own) == 0
    twice, other_twice = row(RIGHT[1], "aab"), row(RIGHT[0], "aba")  # one sample was drawn twice by both
    gains_twice = 100 * (RIGHT[1].mean(axis=1) - RIGHT[0, [0, 2, 1]].mean(axis=1))
    assert differences(twice, other_twice) == pytest.approx(gains_twice.tolist())
    found = difference(own, other)
    low, high = stats.t.interval(0.95, 1, gains.mean(), stats.sem(gains))
    assert (found.mean, found.half_width, found.over) == pytest.approx((gains.mean(), (high - low) / 2, "2 samples"))


def test_the_table_says_of_every_size_what_beats_what():
    better, worse = row(RIGHT[1]), row(RIGHT[0])
    lone, alone = row(RIGHT[1, :1], "a", size=25), row(RIGHT[0, :1], "a", size=25)
    elsewhere = row(RIGHT[0, :1], "z", size=25)
    rows = [("glico", better), ("baseline", worse), ("glico", lone), ("baseline", alone), ("cutout", elsewhere)]
    table = paired_table(rows, against="baseline")
    assert table
    said = [(each["samples"], each["row"], each.get("verdict"), each.get("over")) for each in table["rows"]]
    assert said == [
        ("digits, 10 a class", "glico", "beats", "3 samples"),
        ("digits, 10 a class", "baseline", None, None),
        ("digits, 25 a class", "glico", "beats", "203 images of a sample"),
        ("digits, 25 a class", "baseline", None, None),
        ("digits, 25 a class", "cutout", "is not paired with", "other samples"),
    ]
    best_first = paired_table(rows[:2])
    assert best_first
    assert [each.get("verdict") for each in best_first["rows"]] == [None, "is beaten by"]
    assert paired_table(rows[:1]) is None


def test_rows_of_other_images_stand_apart_and_those_of_two_runs_go_by_one_name():
    letters, validation = row(RIGHT[0], dataset="letters"), row(RIGHT[0], split="validation")
    table = paired_table([("glico", row(RIGHT[1])), ("baseline", letters), ("baseline", validation)])
    assert table is None
    rows = [("baseline of a", row(RIGHT[0])), ("baseline of b", row(RIGHT[1])), ("glico", row(RIGHT[1]))]
    table = paired_table(rows, against="baseline")
    assert table
    assert {each.get("against") for each in table["rows"]} == {None, "baseline of b"}


def test_several_trainings_on_the_same_images_are_no_several_samples():
    rng = np.random.default_rng(0)
    ours, theirs = (row(rng.random((3, 20)) < share, samples="aaa") for share in (0.9, 0.4))
    assert difference(ours, theirs).over == "3 trainings on 1 sample"
