"""What is fitted behind a trained network: discriminants and neighbours, by references and by what they are for."""

import keras
import numpy as np
import pytest
from scipy.linalg import eigh

from latentshot.models.discriminants import SHRINKAGE, Discriminants
from latentshot.models.neighbours import WEIGHT, Neighbours


@pytest.fixture
def classes():
    """50 classes of 6 members in 8 dimensions: the members differ in the first dimension, the classes in all others."""
    rng = np.random.default_rng(0)
    centres = rng.normal(size=(50, 1, 8)) * np.array([0.0, *[1.0] * 7])
    members = centres + rng.normal(size=(50, 6, 8)) * np.array([5.0, *[0.1] * 7])
    return members.reshape(-1, 8).astype(np.float32), np.arange(50).repeat(6)


def test_discriminants_solve_fishers_eigenproblem(classes):
    features, labels = classes
    layer = Discriminants(3)
    layer.adapt(features, labels)
    by_class = features.reshape(50, 6, 8).astype(np.float64)
    within = np.mean([np.cov(members.T, bias=True) for members in by_class], axis=0)
    within = (1 - SHRINKAGE) * within + SHRINKAGE * np.trace(within) / 8 * np.eye(8)
    total = np.cov(features.T.astype(np.float64), bias=True)
    total = (1 - SHRINKAGE) * total + SHRINKAGE * np.trace(total) / 8 * np.eye(8)
    _, vectors = eigh(total - within, within)
    expected = (features - features.mean(axis=0)) @ vectors[:, ::-1][:, :3]
    signs = np.sign((expected * layer(features).numpy()).sum(axis=0))
    np.testing.assert_allclose(layer(features), signs * expected, rtol=1e-3, atol=1e-3)


def test_discriminants_leave_out_what_members_of_a_class_differ_in(classes):
    features, labels = classes
    layer = Discriminants(4)
    layer.adapt(features, labels)
    moved = features + np.array([10.0, *[0.0] * 7], np.float32)

    def share_of_the_spread(change, of):
        return np.linalg.norm(change, axis=1).max() / np.linalg.norm(np.std(of, axis=0))

    before, after = layer(features).numpy(), layer(moved).numpy()
    assert share_of_the_spread(after - before, before) < 0.1 * share_of_the_spread(moved - features, features)


@pytest.mark.parametrize("n_images", [30, 100])
def test_neighbours_are_the_most_alike_of_the_bank_and_never_an_empty_place(n_images):
    rng = np.random.default_rng(1)
    bank, queries = (rng.normal(size=(n, 5)).astype(np.float32) - 1.0 for n in (n_images, 7))
    layer = Neighbours(3, size=50)
    layer.adapt(bank)
    own, kept = (x / np.linalg.norm(x, axis=1, keepdims=True) for x in (-queries, bank[:50]))
    nearest = np.argsort(-own @ kept.T, axis=1)[:, :3]  # all cosines are below 0 or nearly so
    np.testing.assert_allclose(layer(-queries), own + WEIGHT * kept[nearest].mean(axis=1), rtol=1e-5, atol=1e-6)


def test_a_network_with_both_is_the_same_after_saving_and_loading(tmp_path, classes):
    features, labels = classes
    inputs = keras.Input((8,))
    discriminants, neighbours = Discriminants(3), Neighbours(2, size=64)
    discriminants.adapt(features, labels)
    neighbours.adapt(discriminants(features).numpy())
    network = keras.Model(inputs, neighbours(discriminants(inputs)))
    network.save(tmp_path / "network.keras")
    loaded = keras.models.load_model(tmp_path / "network.keras")
    np.testing.assert_array_equal(loaded(features), network(features))
    assert network.output_shape == (None, 3)
    assert not network.trainable_variables


def test_what_cannot_be_fitted_is_told(classes):
    features, labels = classes
    with pytest.raises(ValueError, match="9 discriminants of 8 features: 8 at most"):
        Discriminants(9).adapt(features, labels)
    with pytest.raises(ValueError, match="3 discriminants of 8 features: 2 at most"):
        Discriminants(3).adapt(features[:18], labels[:18])
    with pytest.raises(ValueError, match="members of a class do not differ"):
        Discriminants(3).adapt(np.repeat(features[::6], 6, axis=0), labels)
    with pytest.raises(ValueError, match="5 neighbours among 4 images: choose fewer"):
        Neighbours(5).adapt(features[:4])
