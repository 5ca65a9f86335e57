import dataclasses
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from conftest import blob_split
from scipy import stats

from latentshot.datasets import Dataset
from latentshot.experiment.run_directory import RunDirectory
from latentshot.lasium.experiment import evaluate_run
from latentshot.lasium.experiment.config import MetaConfig
from latentshot.lasium.experiment.defaults import resolved
from latentshot.lasium.learners.accuracy import TaskAccuracy


def test_the_interval_covers_the_true_mean_95_times_in_100():
    """Tasks whose accuracies are binomial(20, 0.8) / 20: of 300 evaluations the intervals of some 285 hold 0.8."""
    rng = np.random.default_rng(0)
    held = 0
    for _ in range(300):
        metric = TaskAccuracy()
        correct = rng.random((200, 20)) < 0.8
        metric.update_state(tf.zeros((200, 20), tf.int32), tf.one_hot(tf.where(tf.constant(correct), 0, 1), 2))
        result = metric.result()
        accuracies = 100 * correct.mean(axis=1)
        assert float(result["accuracy"]) == pytest.approx(accuracies.mean())
        assert float(result["ci95"]) == pytest.approx(1.96 * stats.sem(accuracies), rel=1e-6)
        held += abs(float(result["accuracy"]) - 80) <= float(result["ci95"])
    # binomial(300, 0.95): mean 285, standard deviation 3.8; four of them on either side
    assert 270 <= held <= 300


def test_accuracy_accumulates_over_batches_as_over_one():
    rng = np.random.default_rng(1)
    labels, logits = tf.constant(rng.integers(0, 5, (12, 7)), tf.int32), tf.constant(rng.normal(size=(12, 7, 5)))
    whole, parts = TaskAccuracy(), TaskAccuracy()
    whole.update_state(labels, logits)
    for first in range(0, 12, 4):
        parts.update_state(labels[first : first + 4], logits[first : first + 4])
    for name, value in whole.result().items():
        assert float(parts.result()[name]) == pytest.approx(float(value), rel=1e-9)


def test_another_dataset_is_not_looked_for_where_the_runs_own_lies(tmp_path, monkeypatch):
    config = resolved(MetaConfig(dataset="omniglot", data_dir=Path("own"), run_dir=tmp_path))
    RunDirectory(tmp_path).start(dataclasses.asdict(config), resume=False)
    asked = []

    def load(config):
        asked.append((config.dataset, config.data_dir))
        return Dataset("made", {"train": blob_split(2, size=9 if config.dataset == "omniglot" else 8)})

    monkeypatch.setattr(evaluate_run, "load", load)
    own, theirs = Path("own"), Path("theirs")
    for dataset, data_dir in (("celeba", None), ("celeba", theirs), ("folder:here", None)):
        with pytest.raises(ValueError, match=r"was trained on images of \(9, 9, 1\)"):
            evaluate_run.evaluate_run(tmp_path, dataset=dataset, data_dir=data_dir)
    assert asked == [
        *(("omniglot", own), ("celeba", None)),
        *(("omniglot", own), ("celeba", theirs)),
        *(("omniglot", own), ("folder:here", None)),
    ]
