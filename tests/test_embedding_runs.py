"""Runs of classifiers that see an embedding: from a file, trained for it, or of another run."""

import json
import os

import keras
import pytest
import tensorflow as tf
from conftest import pixels
from real_commands import TINY, call, finish, results, start

from latentshot.bin import evaluate, export, train_meta


@pytest.fixture
def theirs(tmp_path):
    """The file of a model whose features are the images themselves."""
    file = tmp_path / "theirs.keras"
    pixels((28, 28, 1)).save(file)
    return file


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system cannot bind a process to one core")
def test_on_one_core_the_mlp_does_not_wait_for_the_thread_that_waits_for_it(tmp_path, cache, theirs):
    options = [*TINY, "--learner", "mlp", "--mlp-steps", "2", "--embedding", theirs, "--run-dir", tmp_path / "run"]
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    try:
        process = start("train_meta.py", options, cache)
    finally:
        os.sched_setaffinity(0, cores)
    code, _, err = finish(process)
    assert code == 0, err[-3000:]
    assert [row["method"] for row in results(tmp_path / "run")] == ["MLP with dropout, theirs"] * 2


@pytest.mark.slow
@pytest.mark.usefixtures("unexported")
def test_a_classifier_on_a_saved_model_is_one_command_and_can_be_evaluated_without_the_file(theirs, here, tmp_path):
    run = tmp_path / "run"
    options = ["--learner", "cluster-matching", "--n-clusters", "20", "--n-unlabelled", "200", "--embedding", theirs]
    call(train_meta.main, [*TINY, *options, "--n-tasks", "8", "--run-dir", run])
    rows = results(run)
    assert [row["method"] for row in rows] == ["Cluster matching, theirs"] * 2
    assert rows[0]["options"] == "20 clusters, 200 unlabelled"
    assert any(each["method"] == "Nearest mean of latents" for each in rows[0]["yardsticks"])
    theirs.unlink()
    call(evaluate.main, [run, "--k-shot", "1"])
    assert {row["accuracy"] for row in results(run) if row["k_shot"] == 1} == {rows[0]["accuracy"]}
    assert "has no export: docs/python.md" in here(run, "--format", "onnx", main=export.main)
    assert json.loads((run / "config.json").read_text())["data"]["embedding"]


def test_more_clusters_than_images_and_an_embedding_that_is_not_there_are_told(theirs, here, tmp_path):
    run = ["--run-dir", tmp_path / "run", "--n-unlabelled", "100", "--learner", "cluster-matching"]
    assert "n_clusters is 500, and there are 100 unlabelled images" in here(*run, "--embedding", theirs)
    options = [*run, "--n-clusters", "9"]
    assert "no embedding at runs/nowhere: give a .keras file, the folder of a finished run, or" in here(
        *options, "--embedding", "runs/nowhere"
    )
    assert not (tmp_path / "run").exists()


@pytest.mark.usefixtures("unexported")
def test_more_neighbours_than_examples_are_told_by_the_evaluation_too(theirs, here, tmp_path):
    run = tmp_path / "run"
    options = ["--learner", "knn", "--knn-k", "6", "--embedding", theirs, "--n-tasks", "2", "--k-shot", "2"]
    call(train_meta.main, [*options, "--run-dir", run])
    said = here(run, "--k-shot", "1", main=evaluate.main)
    assert "knn_k is 6, and a task of 1 shot has 5 support images" in said


def test_an_embedding_of_numbers_that_are_not_finite_is_told(here, tmp_path):
    images = keras.Input((28, 28, 1))
    endless = keras.layers.Rescaling(1e38)(keras.layers.Rescaling(1e38)(images))
    keras.Model(images, keras.layers.Flatten()(endless)).save(tmp_path / "endless.keras")
    options = ["--learner", "linear", "--embedding", tmp_path / "endless.keras", "--run-dir", tmp_path / "run"]
    assert "makes numbers that are not finite of images: take another" in here(*options)


@pytest.mark.slow
@pytest.mark.usefixtures("unexported")
def test_nearest_neighbours_of_a_vae_and_then_of_that_runs_protonets(tmp_path, here, colour_folder):
    """The embedding is trained with the generators' own options; a run's learner serves as one too."""
    vae = [*TINY, "--embedding", "vae", "--generator-epochs", "1", "--n-unlabelled", "256", "--learner", "knn"]
    call(train_meta.main, [*vae, "--run-dir", tmp_path / "vae"])
    assert (tmp_path / "vae" / "pictures" / "generator.png").exists()
    trained = json.loads((tmp_path / "vae" / "generator-seconds.json").read_text())
    rows = json.loads((tmp_path / "vae" / "results.json").read_text())
    assert [row["times"]["embedding"] for row in rows] == [trained] * 2  # of all sessions, whichever measured the row
    assert results(tmp_path / "vae")[0]["options"].startswith("k 1, 256 unlabelled, 20 latents, 1 generator epochs")
    protonets = ["--learner", "protonets", "--iterations", "0", "--run-dir", tmp_path / "protonets"]
    call(train_meta.main, [*TINY, *protonets])
    on_run = ["--learner", "knn", "--embedding", tmp_path / "protonets", "--run-dir", tmp_path / "knn", "--k-shot", "1"]
    call(train_meta.main, [*TINY, *on_run])
    (row,) = results(tmp_path / "knn")
    assert row["method"] == "K-nearest neighbors, protonets"
    # of one example the nearest neighbour is the nearest prototype
    assert row["accuracy"] == results(tmp_path / "protonets")[0]["accuracy"]
    embedding = keras.models.load_model(tmp_path / "knn" / "embedding.keras")
    assert embedding(tf.zeros((1, 28, 28, 1))).shape == (1, 256 // 64 * 4)
    colours = ["--dataset", f"folder:{colour_folder}", "--n-way", "2", *on_run[:4], "--run-dir", tmp_path / "colours"]
    said = here(*colours)
    assert f"the embedding {tmp_path / 'protonets'} was trained on images of 28x28x1, and these are 84x84x3" in said
