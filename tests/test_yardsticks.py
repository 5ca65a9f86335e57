"""The yardsticks of a table against scikit-learn, and what a run says that does not beat them."""

import numpy as np
import pytest
from conftest import blob_split
from sklearn.neighbors import NearestCentroid

from latentshot.lasium.experiment.results import results_table, save_results, verdicts
from latentshot.lasium.experiment.yardsticks import yardsticks
from latentshot.lasium.tasks.encoding import Latents
from latentshot.lasium.tasks.labelled import labelled_tasks
from latentshot.lasium.tasks.stream import TaskShape


@pytest.fixture(scope="module")
def split():
    """Six classes of 2x2 images."""
    return blob_split(6, size=2, seed=3)


def standardized(images):
    flat = images.reshape(*images.shape[:2], -1)
    deviation = np.maximum(flat.std(axis=-1, keepdims=True), 1 / np.sqrt(flat.shape[-1]))
    return (flat - flat.mean(axis=-1, keepdims=True)) / deviation


def of_scikit_learn(tasks, change):
    accuracies = []
    for x, y in tasks:
        support, queries = (change(x[name].numpy()) for name in ("support_images", "query_images"))
        for task in range(len(y)):
            model = NearestCentroid().fit(support[task], x["support_labels"][task].numpy())
            accuracies.append(100 * np.mean(model.predict(queries[task]) == y[task].numpy()))
    return np.mean(accuracies), 1.96 * np.std(accuracies, ddof=1) / np.sqrt(len(accuracies))


def test_the_nearest_means_are_scikit_learns_on_the_tasks_of_the_evaluation(split, pixel_generator):
    found = {
        row["method"]: row for row in yardsticks(split, TaskShape(4, 2, 5), 12, 7, Latents(pixel_generator.encode))
    }
    tasks = labelled_tasks(split, 4, 2, 5, 4, seed=7, n_tasks=12)
    maps = {
        "Nearest mean of pixels": lambda images: images.reshape(*images.shape[:2], -1),
        "Nearest mean of standardized pixels": standardized,
        "Nearest mean of latents": lambda images: pixel_generator.encode(images).numpy().reshape(*images.shape[:2], -1),
    }
    for name, change in maps.items():
        assert (found[name]["accuracy"], found[name]["ci95"]) == pytest.approx(of_scikit_learn(tasks, change), rel=1e-6)
    assert found["Chance"]["accuracy"] == 25
    latents = Latents(pixel_generator.encode)
    assert latents.of(split.images) is latents.of(split.images)  # encoded once for all shots
    assert len(yardsticks(split, TaskShape(4, 2, 5), 3, 7, None)) == 3  # without a generator, any number of tasks


def row(accuracy, k_shot=1, **others):
    identity = {"method": "M", "dataset": "d", "trained_on": "d", "split": "test", "n_way": 5, "k_shot": k_shot}
    beside = [{"method": "Nearest mean of pixels", "accuracy": 30.0, "ci95": 0.5}]
    beside.append({"method": "Chance", "accuracy": 20.0, "ci95": 0.0})
    figures = {"accuracy": accuracy, "ci95": 1.0, "seconds": 90.0, "n_tasks": 100, "yardsticks": beside}
    return {**identity, **figures, "paper": "", "options": "", **others}


def test_a_run_that_does_not_beat_the_best_yardstick_beyond_its_interval_says_so():
    assert verdicts([row(31.5), {**row(10.0), "yardsticks": []}]) == []
    (said,) = verdicts([row(31.5), row(30.9, k_shot=5)])
    assert said == (
        "M, 5-way 5-shot: 30.90 ± 1.00 % does not beat the nearest mean of pixels (30.00 ± 0.50), which takes no "
        "training, beyond its interval"
    )


def test_the_table_shows_yardsticks_once_leaves_out_empty_columns_and_splits_the_time(tmp_path):
    times = {"generator": None, "meta_training": 60.0, "evaluation": 30.0}
    table = results_table([row(40.0, times=times), row(50.0), row(60.0, k_shot=5)])
    assert table.count("Nearest mean of pixels") == 2
    assert table.count("Chance") == 2
    assert "1.5 min: generator from the cache, meta-training 1.0, evaluation 0.5" in table
    assert "paper" not in table
    assert "options" not in table
    save_results(tmp_path / "results.png", [row(40.0), row(60.0, k_shot=5)])
    assert (tmp_path / "results.png").exists()
