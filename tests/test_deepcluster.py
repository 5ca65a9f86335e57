"""DeepCluster: clusters, their sampling, and what it learns."""

import warnings

import keras
import numpy as np
import pytest
import tensorflow as tf
from forked_commands import command, start
from hypothesis import given, settings, strategies as st
from killing import assert_same_run, kill_when, saved_epoch
from real_commands import results
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score

from latentshot.bin import train_generator
from latentshot.models.deepcluster import (
    HEAD,
    DeepCluster,
    Reassignment,
    assign,
    deepcluster_encoder,
    evenly_sampled,
    without_empty,
)


def blobs(n_each=40, n_blobs=6):
    centres = 10 * np.eye(n_blobs, 12)
    labels = np.arange(n_blobs).repeat(n_each)
    return centres[labels] + np.random.default_rng(0).normal(size=(len(labels), 12)), labels


def test_clusters_are_scikit_learns_on_features_whitened_and_normalized_by_hand():
    features, labels = blobs()
    away = features - features.mean(axis=0)
    variances, axes = np.linalg.eigh(away.T @ away / (len(away) - 1))
    whitened = away @ axes[:, -5:] / np.sqrt(variances[-5:])  # five directions part six blobs
    unit = whitened / np.linalg.norm(whitened, axis=1, keepdims=True)
    found = []
    for seed in range(5):
        theirs = KMeans(6, init="random", n_init=1, max_iter=20, random_state=seed).fit_predict(unit)
        found.append(assign(features, 6, seed, 5))
        np.testing.assert_array_equal(found[-1], theirs)
    assert max(adjusted_rand_score(labels, each) for each in found) == 1.0


def test_directions_that_hold_rounding_alone_are_no_features():
    features, labels = blobs()
    narrow = features[:, :6].astype(np.float32)
    rounding = 1e-6 * np.random.default_rng(1).normal(size=(len(labels), 6))
    wide = np.concatenate([narrow, rounding], axis=1).astype(np.float32)
    for few in (slice(None), slice(0, None, 30)):  # and fewer images than directions
        np.testing.assert_array_equal(assign(wide[few], 4, 0, 12), assign(narrow[few], 4, 0, 12))
    with pytest.raises(ValueError, match="the features of all images are the same"):  # of a network that collapsed
        assign(np.ones((8, 5), np.float32), 2, 0)


def test_an_empty_cluster_takes_a_part_of_another_and_leaves_the_others_alone():
    features, labels = blobs(n_blobs=3)
    found = without_empty(features, labels, 4, np.random.default_rng(0))
    (split,) = set(labels[found == 3])
    assert 0 < (found == 3).sum() < 40
    np.testing.assert_array_equal(found[labels != split], labels[labels != split])
    assert set(found[labels == split]) == {split, 3}


def test_clusters_stay_empty_only_where_fewer_features_differ():
    features = np.eye(3).repeat(4, axis=0)
    assert len(set(without_empty(features, np.zeros(12, int), 5, np.random.default_rng(0)))) == 3
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = assign(features, 5, seed=0, n_components=2)
    assert not set(found[:4]) & set(found[4:])


@settings(max_examples=50)
@given(st.lists(st.integers(0, 9), min_size=1, max_size=60), st.integers(0, 99))
def test_every_cluster_is_shown_as_often_as_any_other(clusters, seed):
    clusters = np.array(clusters)
    shown = evenly_sampled(clusters, np.random.default_rng(seed))
    assert len(shown) == len(clusters)
    counts = [np.bincount(shown, minlength=len(clusters))[clusters == cluster] for cluster in np.unique(clusters)]
    totals = [each.sum() for each in counts]
    assert max(totals) - min(totals) <= 1
    assert all(each.max() - each.min() <= 1 for each in counts)  # no image again before all have been shown


@pytest.fixture(scope="module")
def trained():
    """Two epochs on images of four kinds, of which one is more frequent, and the losses of their steps."""
    rng = np.random.default_rng(0)
    kinds = np.repeat(np.arange(4), (40, 8, 8, 8))
    images = np.clip(rng.random((4, 16, 16, 1))[kinds] + 0.1 * rng.normal(size=(64, 16, 16, 1)), 0, 1)
    keras.utils.set_random_seed(0)
    pixels = tf.constant(images, tf.float32)
    model = DeepCluster(
        deepcluster_encoder((16, 16, 1)), lambda indices: tf.gather(pixels, indices), 64, 4, n_components=3
    )
    model.compile(keras.optimizers.SGD(0.05, momentum=0.9))
    places = tf.data.Dataset.range(10**6).map(lambda step: (16 * step + tf.range(16, dtype=tf.int64)) % 64)
    history = model.fit(
        places, epochs=2, steps_per_epoch=30, shuffle=False, verbose=0, callbacks=[Reassignment()]
    ).history
    return model, history, kinds


def test_fit_learns_to_tell_the_clusters_apart(trained):
    model, history, _ = trained
    assert history["loss"][-1] < 0.5 * np.log(4)  # the loss of a head that has learned nothing
    assert history["accuracy"][-1] > 0.9
    shown = model.clusters.numpy()[model.shown.numpy()]
    np.testing.assert_array_equal(np.bincount(shown), [16] * 4)


def test_a_new_assignment_forgets_the_head_and_what_the_optimizer_knows_of_it_and_nothing_else(trained):
    model, _, kinds = trained
    before = {v.path: v.numpy() for v in [*model.encoder.variables, *model.optimizer.variables]}
    learned = model.head.kernel.numpy()
    model.begin_epoch(kinds, epoch=2)
    again = model.head.kernel.numpy()
    assert not np.allclose(again, learned)
    assert again.std() == pytest.approx(0.01, rel=0.1)
    momenta = [v for v in model.optimizer.variables if HEAD in v.path]
    assert len(momenta) == 2
    assert all((v.numpy() == 0).all() for v in momenta)
    for variable in [*model.encoder.variables, *model.optimizer.variables]:
        if HEAD not in variable.path:
            np.testing.assert_array_equal(variable.numpy(), before[variable.path])
    model.begin_epoch(kinds, epoch=2)
    np.testing.assert_array_equal(model.head.kernel.numpy(), again)


@pytest.mark.slow
def test_a_run_killed_after_an_epoch_ends_bit_identical(colour_folder, tmp_path):
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    tiny = [
        *("--dataset", f"folder:{colour_folder}", "--n-way", "3", "--n-query", "1", "--k-shot", "1", "--n-tasks", "2"),
        *("--learner", "knn", "--embedding", "deepcluster", "--n-clusters", "5"),
        *("--generator-epochs", "8", "--generator-batch-size", "6"),
    ]
    command("train_meta.py", [*tiny, "--run-dir", whole], tmp_path / "its")
    arguments = [*tiny, "--run-dir", killed, "--resume"]
    process = start("train_meta.py", arguments, tmp_path / "others")
    kill_when(process, lambda: saved_epoch(killed / "embedding-checkpoints"))
    assert not (killed / "embedding.keras").exists()
    assert "continuing after" in command("train_meta.py", arguments, tmp_path / "others")
    assert_same_run(killed, whole)
    ours, expected = (keras.models.load_model(run / "embedding.keras") for run in (killed, whole))
    for own, other in zip(ours.get_weights(), expected.get_weights(), strict=True):
        np.testing.assert_array_equal(own, other)
    assert results(whole)[0]["options"] == "k 1, 5 clusters, 8 generator epochs, generator batch size 6, n query 1"
    assert (whole / "pictures" / "clusters.png").exists()


def test_more_clusters_than_images_and_a_generator_that_it_is_not_are_told(here, tmp_path):
    run = ["--run-dir", tmp_path / "run", "--n-unlabelled", "100", "--learner", "knn"]
    on = [*run, "--embedding", "deepcluster"]
    assert "n_clusters is 500, and there are 100 unlabelled images: choose fewer" in here(*on)
    assert "n_clusters is 1, and deepcluster" in here(*on, "--n-clusters", "1")
    assert "latent_dim is for the vae" in here(*on, "--latent-dim", "9")
    generator = ["--dataset", "glyphs", "--generator", "deepcluster", "--run-dir", tmp_path / "run"]
    assert "'deepcluster' is no generator to train" in here(*generator, main=train_generator.main)
    assert "no generator at deepcluster" in here(*generator, "--learner", "protonets")
    assert not (tmp_path / "run").exists()
