"""CACTUs: clusters of unlabelled images as classes."""

import itertools
import json
from typing import Any

import numpy as np
import pytest
from conftest import blob_split, pixels, with_letters_alone
from hypothesis import given, settings, strategies as st
from real_commands import results
from sklearn.cluster import KMeans
from sklearn.datasets import make_blobs
from sklearn.metrics import adjusted_rand_score
from stops import CACTUS, Stopped
from threadpoolctl import threadpool_info

import latentshot as ls
from latentshot.lasium.experiment.build_tasks import train_shape
from latentshot.lasium.experiment.config import MetaConfig
from latentshot.lasium.experiment.defaults import resolved
from latentshot.lasium.experiment.description import method_name, options_text
from latentshot.lasium.experiment.unused_options import unused_options
from latentshot.lasium.tasks import cactus
from latentshot.lasium.tasks.cactus import ClusterSource, check_clusters
from latentshot.lasium.tasks.clusters import k_means
from latentshot.lasium.tasks.stream import TaskShape, task_seeds


def numbered_images(n):
    """Image i is i all over."""
    return np.arange(n, dtype=np.uint8)[:, None, None, None].repeat(2, axis=1).repeat(2, axis=2)


def test_partitions_are_scikit_learns_clusters_of_the_features_and_of_scaled_ones(monkeypatch):
    features, _ = make_blobs(300, n_features=6, centers=12, cluster_std=0.3, random_state=1)
    features = features.astype(np.float32)
    seen = []

    def noted(scaled, n_clusters, seed, starts):
        seen.append((scaled, KMeans(n_clusters, n_init=starts, random_state=seed).fit_predict(scaled)))
        return k_means(scaled, n_clusters, seed, starts)

    k_means = cactus.k_means
    monkeypatch.setattr(cactus, "k_means", noted)
    partitions = ls.k_means_partitions(features, 12, 4, seed=5)
    assert len(partitions) == 4
    expected = {scaled.tobytes(): labels for scaled, labels in seen}
    np.testing.assert_array_equal(partitions[0], expected[features.tobytes()])
    drawn = [scaled / features for scaled, _ in seen if scaled.tobytes() != features.tobytes()]
    assert len(drawn) == 3
    for ratio in drawn:
        np.testing.assert_allclose(ratio, ratio[:1].repeat(300, axis=0), rtol=1e-5)  # one number a dimension
        assert ((ratio > 0) & (ratio < 1)).all()
    assert len({round(float(number), 4) for ratio in drawn for number in ratio[0]}) == 18  # each a draw of its own
    for labels in partitions[1:]:
        assert max(adjusted_rand_score(labels, theirs) for theirs in expected.values()) == 1.0


@pytest.mark.parametrize("exact_up_to", [4096, 299])
def test_of_wide_features_the_directions_are_clustered_in_which_they_vary_most(monkeypatch, exact_up_to):
    monkeypatch.setattr(cactus, "EXACT_DIMENSIONS", exact_up_to)
    few, classes = make_blobs(400, n_features=5, centers=10, cluster_std=0.1, random_state=0)
    turned, _ = np.linalg.qr(np.random.default_rng(0).normal(size=(300, 300)))
    faint = np.random.default_rng(1).normal(scale=0.01, size=(400, 295))
    features = (np.hstack([few, faint]) @ turned).astype(np.float32)  # (400, 300)
    widths = []
    k_means = cactus.k_means

    def noted(features, *more):
        widths.append(features.shape)
        return k_means(features, *more)

    monkeypatch.setattr(cactus, "k_means", noted)
    first, *others = ls.k_means_partitions(features, 10, 3, seed=5)
    assert widths == [(400, 256)] * 3
    assert adjusted_rand_score(first, classes) == 1.0
    again = ls.k_means_partitions(features, 10, 3, seed=5)
    np.testing.assert_array_equal(again, [first, *others])
    features[3, 7] = np.nan
    with pytest.raises(ValueError, match="not finite of 1 of 400 images"):
        ls.k_means_partitions(features, 10, 3)


def test_a_single_partition_finds_blobs_that_are_far_apart():
    features, classes = make_blobs(200, n_features=5, centers=10, cluster_std=0.1, random_state=0)
    (labels,) = ls.k_means_partitions(features, 10, 1)
    assert adjusted_rand_score(labels, classes) == 1.0


def test_every_k_means_adds_up_on_one_thread(monkeypatch):
    """Several add up in no fixed order."""
    fit = KMeans.fit
    seen: list[int] = []

    def observed(self, features):
        seen.extend(library["num_threads"] for library in threadpool_info())
        return fit(self, features)

    monkeypatch.setattr(KMeans, "fit", observed)
    k_means(np.random.default_rng(11).normal(size=(30, 2)), 3, 0)
    cactus.k_means_partitions(np.random.default_rng(12).normal(size=(30, 2)), 3, 4)
    assert set(seen) == {1}


def test_with_the_true_classes_for_clusters_tasks_are_the_supervised_ones():
    split = blob_split(9, per_class=8)
    asked: dict[str, Any] = {"n_way": 4, "k_shot": 2, "n_query": 3, "meta_batch_size": 2, "seed": 3}
    oracle, supervised = ls.cluster_tasks(split.images, [split.labels], **asked), ls.labelled_tasks(split, **asked)
    for (x, y), (their_x, their_y) in itertools.islice(zip(oracle, supervised, strict=True), 5):
        assert all((x[name] == their_x[name]).numpy().all() for name in their_x)
        assert (y == their_y).numpy().all()


@settings(max_examples=15)
@given(st.data())
def test_a_task_has_different_members_of_different_clusters_of_one_partition(data):
    n_images, n_clusters, n_partitions = (data.draw(st.integers(*ends)) for ends in ((30, 60), (3, 8), (1, 3)))
    shape = TaskShape(*(data.draw(st.integers(*ends)) for ends in ((2, 3), (1, 2), (1, 2))))
    rng = np.random.default_rng(data.draw(st.integers(0, 99)))
    every = np.arange(n_images) % n_clusters
    partitions = [np.where(rng.random(n_images) < 0.5, 0, rng.permutation(every)) for _ in range(n_partitions)]
    if min(np.sum(np.bincount(each) >= shape.images_per_class) for each in partitions) < shape.n_way:
        with pytest.raises(ValueError, match=r"fewer of them \(n_clusters\) are larger"):
            ClusterSource(numbered_images(n_images), partitions, shape)
        return
    source = ClusterSource(numbered_images(n_images), partitions, shape)
    for task in range(5):
        plan = source.plan(shape, task_seeds(0, task)[0]).numpy()
        assert plan.shape == (shape.n_way, shape.images_per_class)
        assert len(set(plan.ravel())) == plan.size
        members = [each[plan] for each in partitions]  # (n_way, k_shot + n_query) each
        assert any(
            (of == of[:, :1]).all() and len(set(of[:, 0])) == shape.n_way for of in members
        )  # rows are clusters, of one of the partitions


def test_every_partition_is_drawn_from_and_clusters_too_small_never_are():
    halves = np.arange(24) // 12, np.arange(24) % 2, np.repeat([0, 1, 2], [11, 11, 2])
    source = ClusterSource(numbered_images(24), halves, TaskShape(2, 1, 2))
    seen = set()
    for task in range(40):
        plan = source.plan(TaskShape(2, 1, 2), task_seeds(1, task)[0]).numpy()
        seen |= {number for number, labels in enumerate(halves) if (labels[plan] == labels[plan][:, :1]).all()}
        if (plan >= 22).any():
            assert not (halves[2][plan] == halves[2][plan][:, :1]).all()
    assert seen == {0, 1, 2}


@pytest.mark.parametrize(
    ("partitions", "message"),
    [
        ([], "there is no partition"),
        ([np.zeros(20, int)], r"partition 0 is of shape \(20,\), and there are 24 images"),
        (
            [np.arange(24) // 6, np.arange(24) // 2],
            "partition 1 of the images has 12 classes, of which 0 have that many",
        ),
    ],
)
def test_partitions_that_no_tasks_can_be_of_are_errors(partitions, message):
    with pytest.raises(ValueError, match=message):
        ls.cluster_tasks(numbered_images(24), partitions, n_way=3, n_query=2)


@pytest.mark.parametrize(
    ("features", "message"),
    [
        (np.zeros(30), r"features are of shape \(30,\)"),
        (np.full((30, 2), np.nan), "the embedding makes numbers that are not finite of 30 of 30 images"),
        (np.zeros((30, 2)), "n_clusters is 4, and the embedding tells only 1 of 30 images apart"),
    ],
)
def test_features_that_cannot_be_clustered_are_errors(features, message):
    with pytest.raises(ValueError, match=message):
        ls.k_means_partitions(features, 4, 2)


@pytest.mark.parametrize(
    ("n_clusters", "n_images", "message"),
    [
        (50, 40, "n_clusters is 50, and there are 40 unlabelled images"),
        (4, 40, "n_clusters is 4, and tasks are 5-way"),
        (5, 29, r"5-way tasks of 1 \+ 5 images a class take 30 images, and there are 29"),
    ],
)
def test_what_no_clusters_can_give_is_told_before_there_are_any(n_clusters, n_images, message):
    with pytest.raises(ValueError, match=message):
        check_clusters(n_clusters, n_images, TaskShape(5, 1, 5))


def test_what_clusters_too_small_are_told_by_are_the_names_of_the_training_tasks_options():
    shape = train_shape(MetaConfig(learner="protonets", train_n_way=3, train_n_query=5))
    with pytest.raises(ValueError, match=r"of the images has 3 classes, .* train_n_query 3 works. Its classes are"):
        ClusterSource(np.zeros((12, 2, 2, 1), np.uint8), [np.repeat(np.arange(3), 4)], shape)


def test_tasks_of_clusters_take_an_embedding_and_make_its_options_and_theirs_matter():
    with pytest.raises(ValueError, match="tasks cactus takes an embedding: name one by --embedding"):
        MetaConfig(tasks="cactus")
    with pytest.raises(ValueError, match="generator is msgan and embedding vae"):
        MetaConfig(tasks="cactus", embedding="vae", generator="msgan")
    changed: dict[str, Any] = {"n_clusters": 40, "n_partitions": 3, "embedding": "vae", "generator_epochs": 2}
    config = resolved(MetaConfig(tasks="cactus", **changed))
    assert unused_options(config, {"run_dir": config.run_dir}) == []
    assert method_name(config) == "CACTUs-MAML, VAE"
    assert "40 clusters, 3 partitions, 20 latents, 2 generator epochs" in options_text(config)
    assert str(config.run_dir) == "runs/glyphs-maml-cactus-vae-seed0"
    unused = unused_options(MetaConfig(tasks="umtra", **changed), {})
    assert [line.split()[0] for line in unused] == [
        *("--embedding", "--generator-epochs", "--n-clusters", "--n-partitions"),
    ]


def test_an_embedding_of_other_images_and_too_many_clusters_are_told_before_anything_is_written(here, tmp_path):
    pixels((8, 8, 1)).save(tmp_path / "small.keras")
    run = ["--dataset", "glyphs", "--tasks", "cactus", "--run-dir", tmp_path / "run", "--n-unlabelled", "100"]
    assert "takes images of (8, 8, 1), and these are (28, 28, 1)" in here(
        *run, "--embedding", tmp_path / "small.keras", "--n-clusters", "9"
    )
    assert "n_clusters is 500, and there are 100 unlabelled images: choose fewer" in here(*run, "--embedding", "vae")
    assert "tasks cactus takes an embedding" in here(*run)
    assert not (tmp_path / "run").exists()


@pytest.mark.slow
def test_a_run_killed_in_meta_training_whose_clusters_are_lost_ends_bit_identical(tmp_path, cache):
    drawn = with_letters_alone(cache, tmp_path / "drawn")
    options = ["--embedding", "vae", "--n-partitions", "3", "--generator-epochs", "1", "--discriminants", "2"]
    run = Stopped("train_meta", [*CACTUS, *options], tmp_path, drawn)
    assert len(list((run.own_cache / "clusters").iterdir())) == 3
    run.survives_a_kill("os.remove checkpoints/epoch-1.index", lost="clusters")
    (row,) = results(run.whole)
    assert row["method"] == "CACTUs-ProtoNets, VAE"
    assert any(each["method"] == "Nearest mean of latents" for each in row["yardsticks"])
    (timed,) = json.loads((run.whole / "results.json").read_text())
    assert list(timed["times"])[:3] == ["generator", "clustering", "meta_training"]
