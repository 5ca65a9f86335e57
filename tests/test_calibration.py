"""Temperature, calibration error and "none of these": closed forms, and tasks with queries of no class."""

import numpy as np
import pytest
import tensorflow as tf
from scipy.special import log_softmax, softmax

from latentshot.lasium.experiment.build_evaluations import evaluation
from latentshot.lasium.experiment.config import MetaConfig
from latentshot.lasium.experiment.defaults import resolved
from latentshot.lasium.experiment.open_set import CalibrationTasks, load_calibrations, open_set_measures
from latentshot.lasium.learners.calibration import (
    Calibration,
    best_temperature,
    calibrate,
    calibration_error,
    for_shots,
)
from latentshot.lasium.learners.protonets import ProtoNets
from latentshot.lasium.tasks.open_set import open_tasks
from latentshot.lasium.tasks.stream import TaskShape
from latentshot.models.conv4 import conv4


@pytest.mark.parametrize("temperature", [0.2, 1.0, 30.0])
def test_the_temperature_undoes_what_logits_were_multiplied_by(temperature):
    """Labels drawn from softmax(x) are likeliest under it: 1 is the best temperature of x, and t that of t x."""
    rng = np.random.default_rng(0)
    x = rng.normal(0, 2, (20_000, 5))
    labels = (softmax(x, axis=1).cumsum(axis=1) < rng.random((len(x), 1))).sum(axis=1)
    assert best_temperature(temperature * x, labels) == pytest.approx(temperature, rel=0.05)
    assert calibration_error(temperature * x, labels, temperature) < 1.5  # percent; chance alone leaves about 0.5


def test_the_calibration_error_is_the_distance_of_confidence_and_accuracy():
    """Of 10 answers of confidence 0.8 six are right, of 30 of confidence 0.5 all: (10 x 20 + 30 x 50) / 40 percent."""
    logits = np.log(np.array([[0.8, 0.2]] * 10 + [[0.5, 0.5 - 1e-9]] * 30))
    labels = np.array([0] * 6 + [1] * 4 + [0] * 30)
    assert calibration_error(logits, labels) == pytest.approx(42.5, abs=1e-4)


def test_one_query_in_twenty_of_the_classes_is_a_false_alarm_where_it_was_fitted():
    scores = np.arange(100.0)
    logits = np.stack([scores, scores - 1], axis=1)
    labels = np.where(scores < 60, 0, -1)
    found = calibrate(3, logits, labels)
    assert found.k_shot == 3
    assert np.mean(scores[:60] < found.threshold) == pytest.approx(0.05)


def test_the_nearest_number_of_shots_is_nearest_in_ratio():
    one, ten = Calibration(1, 1.0, 0.0), Calibration(10, 2.0, 0.0)
    assert [for_shots([one, ten], k) for k in (1, 3, 4, 100)] == [one, one, ten, ten]
    assert for_shots([], 5).threshold == float("-inf")


def test_the_measures_of_a_task_that_is_counted_by_hand():
    """Scores 3, 2, 0 of the classes and 2.5, -1, -2 of none; the threshold is 1, and of the classes' one is wrong."""
    logits = np.array([[[3.0, 0], [0, 2], [-1, 0], [2.5, 0], [-1, -3], [-2, -4]]])
    labels = np.array([[0, 0, 1, -1, -1, -1]])
    row = open_set_measures(logits, labels, Calibration(1, 2.0, 1.0))
    assert row["auroc"] == pytest.approx(100 * 7 / 9)  # of the nine pairs, 2 and 0 stand below 2.5
    assert row["open_accuracy"] == pytest.approx(100 * 3 / 6)
    assert row["false_alarms"] == pytest.approx(100 / 3)
    assert row["ece_raw"] == pytest.approx(calibration_error(logits[0, :3], labels[0, :3]))


def test_half_of_the_queries_are_of_classes_without_support(blobs):
    shape = TaskShape(3, 2, 5)
    tasks, labels = next(iter(open_tasks(blobs["validation"], shape, 2, seed=0, n_tasks=2)))
    assert tasks["support_images"].shape == (2, 6, 8, 8, 1)
    assert tasks["query_images"].shape[:2] == labels.shape == (2, 30)
    np.testing.assert_array_equal(np.sort(labels[0]), np.repeat([-1, 0, 1, 2], [15, 5, 5, 5]))
    support, queries = (tf.reshape(tasks[name][0], (-1, 64)).numpy() for name in ("support_images", "query_images"))
    near = np.linalg.norm(queries[:, None] - support, axis=-1).argmin(axis=1)  # blobs look like their class alone
    known = labels[0].numpy() >= 0
    np.testing.assert_array_equal(tasks["support_labels"][0].numpy()[near][known], labels[0].numpy()[known])
    with pytest.raises(ValueError, match="8-way tasks"):
        open_tasks(blobs["validation"], TaskShape(4, 1, 5), 1, seed=0, n_tasks=1)


def test_calibrations_are_fitted_once_and_kept_in_a_file(blobs, tmp_path):
    learner = ProtoNets(conv4(blobs.image_shape, filters=2))
    tasks = CalibrationTasks(blobs["validation"], (TaskShape(3, 1, 5), TaskShape(3, 5, 5)), n_tasks=6, seed=0)
    tasks.calibrate(learner, tmp_path / "calibration.json")
    fitted = learner.calibrations
    assert [each.k_shot for each in fitted] == [1, 5]
    other = ProtoNets(conv4(blobs.image_shape, filters=2))
    tasks.calibrate(other, tmp_path / "calibration.json")
    assert tuple(load_calibrations(tmp_path / "calibration.json")) == other.calibrations == fitted
    images = tf.random.stateless_uniform((6, *blobs.image_shape), (0, 0))
    logits = learner.adapted_logits(learner.adapted(images[:3], tf.constant([0, 1, 2])), images[3:])
    expected = log_softmax(logits / fitted[0].temperature, axis=1)
    np.testing.assert_allclose(np.log(learner.adapt_and_predict(images[:3], [0, 1, 2], images[3:])), expected, 1e-4)


def test_classes_that_a_learner_was_calibrated_on_are_not_used_to_measure_that(blobs):
    config = resolved(MetaConfig(dataset="glyphs", n_way=3, n_query=5, n_tasks=4, calibration_tasks=4))
    assert evaluation(config, blobs, 1, "test").n_open_tasks == 4
    assert evaluation(config, blobs, 1, "validation").n_open_tasks == 0
    assert evaluation(config, blobs, 1, "validation", source="omniglot").n_open_tasks == 4
