"""Classifiers that see an embedding in place of images."""

import keras
import numpy as np
import pytest
from conftest import blob_split, pixels

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
    learner = OnEmbedding(pixels((8, 8, 1)), classifiers[kind])
    learner.compile()
    found, _ = accuracy_of(learner, SPLIT, TaskShape(5, 3, 5), n_tasks=8, seed=0, description="test")
    assert found == {"accuracy": 100.0, "ci95": 0.0}


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
        encoder_of(pixels((8, 8, 1)), (28, 28, 1), "theirs")
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
