"""Classifiers that see an embedding in place of images."""

import json
import os

import keras
import numpy as np
import pytest
import tensorflow as tf
from conftest import blob_split
from real_commands import TINY, call, finish, results, start

from latentshot.bin import evaluate, train_meta
from latentshot.datasets.unlabelled import image_batches
from latentshot.lasium.experiment import build_embedding
from latentshot.lasium.experiment.config import MetaConfig
from latentshot.lasium.experiment.evaluation import evaluate as accuracy_of
from latentshot.lasium.learners.cluster_matching import ClusterMatching
from latentshot.lasium.learners.linear import LinearClassifier
from latentshot.lasium.learners.maml import MAML
from latentshot.lasium.learners.mlp import MLPClassifier
from latentshot.lasium.learners.nearest_neighbours import NearestNeighbours
from latentshot.lasium.learners.on_embedding import OnEmbedding, TaskClassifier
from latentshot.lasium.tasks.clusters import k_means
from latentshot.lasium.tasks.stream import TaskShape
from latentshot.models.conv4 import conv4
from latentshot.models.encoder import encoder_of
from latentshot.training.precision import set_precision

SPLIT = blob_split(8, seed=2)


def pixels(shape=(8, 8, 1)):
    """Images themselves as features, in a Keras model."""
    images = keras.Input(shape)
    return keras.Model(images, keras.layers.Flatten()(images))


@pytest.fixture(scope="module")
def centres():
    features = SPLIT.images.reshape(len(SPLIT), -1).astype(np.float32) / 255
    labels, centres = k_means(features, 8, 0, starts=10)
    # the clusters are the classes, as scikit-learn's own assignment has it
    assert all(len(set(labels[SPLIT.labels == label])) == 1 for label in range(8))
    return centres


@pytest.mark.parametrize("kind", ["knn", "linear", "mlp", "cluster-matching"])
def test_classes_that_are_far_apart_are_all_told_apart(kind, centres):
    classifiers: dict[str, TaskClassifier] = {
        "knn": NearestNeighbours(3),
        "linear": LinearClassifier(),
        "mlp": MLPClassifier(steps=200),
        "cluster-matching": ClusterMatching(8, 0, centres),
    }
    learner = OnEmbedding(pixels(), classifiers[kind])
    learner.compile()
    found, _ = accuracy_of(learner, SPLIT, TaskShape(5, 3, 5), n_tasks=8, seed=0, description="test")
    assert found == {"accuracy": 100.0, "ci95": 0.0}


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


def test_cluster_matching_says_where_its_clusters_come_from(centres):
    features, labels = np.asarray(centres[:3]), np.arange(3)
    with pytest.raises(ValueError, match="no clusters yet: give ClusterMatching the centres that k_means finds"):
        ClusterMatching().probabilities(features, labels, features)


def test_a_task_has_the_same_answer_whatever_was_learned_before_it():
    rng = np.random.default_rng(0)
    task = rng.normal(size=(4, 6)).astype(np.float32), np.array([0, 0, 1, 1]), rng.normal(size=(3, 6)).astype("float32")
    classifier = MLPClassifier(units=8, steps=5)
    first = classifier.probabilities(*task)
    classifier.probabilities(task[0][::-1].copy(), *task[1:])
    np.testing.assert_array_equal(classifier.probabilities(*task), first)
    np.testing.assert_allclose(first.sum(axis=1), 1.0, rtol=1e-5)


def test_a_cluster_has_the_name_of_most_of_its_support_and_a_query_that_of_the_nearest_named_one():
    centres = np.array([[0.0], [10.0], [20.0], [100.0]])
    support = np.array([[1.0], [-1.0], [0.5], [11.0], [21.0]])
    labels = np.array([2, 2, 0, 1, 1])
    queries = np.array([[2.0], [9.0], [90.0]])  # the last one's own cluster, of 100, has no name
    found = ClusterMatching(4, 0, centres).probabilities(support, labels, queries)
    np.testing.assert_array_equal(found.argmax(axis=1), [2, 1, 1])
    assert (found[:, 0] == 0).all()  # its only image was outvoted
    np.testing.assert_allclose(found.sum(axis=1), 1.0)


def test_of_equally_many_votes_the_nearest_neighbour_decides():
    support, labels = np.array([[0.0], [1.0], [2.0]]), np.arange(3)
    found = NearestNeighbours(3).probabilities(support, labels, np.array([[2.2], [0.9], [0.0]]))
    np.testing.assert_array_equal(found.argmax(axis=1), [2, 1, 0])
    np.testing.assert_allclose(found.sum(axis=1), 1.0)


def test_k_means_of_fewer_different_features_than_clusters_says_how_many_there_are():
    with pytest.raises(ValueError, match="n_clusters is 5, and the embedding tells only 3 of 60 images apart"):
        k_means(np.repeat(np.eye(3), 20, axis=0), 5, 0)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"learner": "knn"}, "learner knn takes an embedding: name one by --embedding"),
        ({"learner": "mlp", "embedding": "msgan"}, "embedding is msgan, which does not encode images"),
        ({"learner": "knn", "embedding": "vae", "knn_k": 6}, "knn_k is 6, and a task of 1 shot has 5 support images"),
        ({"learner": "knn", "embedding": "vae", "generator": "msgan"}, "generator is msgan and embedding vae"),
        ({"learner": "linear", "embedding": "vae", "n_way": 1}, "n_way is 1"),
        ({"learner": "cluster-matching", "embedding": "vae", "n_clusters": 4}, "n_clusters is 4, and tasks are 5-way"),
        ({"mlp_dropout": 1.0}, "mlp_dropout is 1"),
    ],
)
def test_options_that_do_not_go_together_are_errors_with_the_way_out(options, message):
    with pytest.raises(ValueError, match=message):
        MetaConfig(**options)


def test_a_model_of_other_images_or_without_features_is_no_embedding():
    with pytest.raises(ValueError, match=r"takes images of \(8, 8, 1\), and these are \(28, 28, 1\)"):
        encoder_of(pixels(), (28, 28, 1), "theirs")
    any_size = keras.Input((None, None, 1))
    pooled = keras.Model(any_size, keras.layers.GlobalAveragePooling2D()(keras.layers.Conv2D(2, 3)(any_size)))
    assert encoder_of(pooled, (28, 28, 1), "theirs").input_shape == (None, 28, 28, 1)
    with pytest.raises(ValueError, match=r"takes images of \(None, None, 1\), and these are \(28, 28, 3\)"):
        encoder_of(pooled, (28, 28, 3), "theirs")
    images = keras.Input((8, 8, 1))
    with pytest.raises(ValueError, match=r"makes \(None, 8, 8, 2\) of images"):
        encoder_of(keras.Model(images, keras.layers.Conv2D(2, 3, padding="same")(images)), (8, 8, 1), "theirs")
    with pytest.raises(ValueError, match="does not encode images"):
        encoder_of(keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)]), (8, 8, 1), "theirs")


@pytest.fixture
def theirs(tmp_path):
    file = tmp_path / "theirs.keras"
    pixels((28, 28, 1)).save(file)
    return file


@pytest.mark.usefixtures("undrawn", "unexported")
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
    assert "has no export: docs/python.md" in here(run, "--format", "onnx", main=_export())
    assert json.loads((run / "config.json").read_text())["data"]["embedding"]


def _export():
    from latentshot.bin import export

    return export.main


def test_more_clusters_than_images_and_an_embedding_that_is_not_there_are_told(theirs, here, tmp_path):
    run = ["--run-dir", tmp_path / "run", "--n-unlabelled", "100", "--learner", "cluster-matching"]
    assert "n_clusters is 500, and there are 100 unlabelled images" in here(*run, "--embedding", theirs)
    options = [*run, "--n-clusters", "9"]
    assert "no embedding at runs/nowhere: give a .keras file, the folder of a finished run, or" in here(
        *options, "--embedding", "runs/nowhere"
    )
    assert not (tmp_path / "run").exists()


@pytest.mark.usefixtures("undrawn", "unexported")
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
@pytest.mark.usefixtures("undrawn", "unexported")
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


def test_a_run_of_maml_embeds_by_the_mean_statistics_of_its_images_in_its_own_precision(tmp_path, monkeypatch, blobs):
    """One batch's statistics would be those of 128 images; here three batches of 128 have means of their own."""

    def maml_of_another_precision(*_):
        keras.utils.set_random_seed(0)
        set_precision("mixed_bfloat16")
        return MAML(conv4((8, 8, 1), 5, filters=4))

    monkeypatch.setattr(build_embedding, "load_learner", maml_of_another_precision)
    monkeypatch.setattr(build_embedding.RunDirectory, "finished_results", lambda _: [])
    monkeypatch.setattr(build_embedding.RunDirectory, "data", lambda _: {})
    monkeypatch.setattr(build_embedding, "STATISTICS_BATCHES", 3)
    config = MetaConfig(learner="knn", embedding=str(tmp_path))
    network = build_embedding.build_embedding(config, blobs, tmp_path / "run").network
    assert keras.config.dtype_policy().name == "float32"
    layers = network._flatten_layers()
    first = next(layer for layer in layers if isinstance(layer, keras.layers.Conv2D))
    normalization = next(layer for layer in layers if isinstance(layer, keras.layers.BatchNormalization))
    convolved = [np.asarray(first(batch), np.float32) for batch in image_batches(blobs.unlabelled, 128, 0).take(3)]
    means = [maps.mean(axis=(0, 1, 2)) for maps in convolved]
    np.testing.assert_allclose(normalization.moving_mean, np.mean(means, axis=0), rtol=0.02, atol=1e-3)
    assert np.abs(np.asarray(normalization.moving_mean) - means[-1]).max() > 2e-3
