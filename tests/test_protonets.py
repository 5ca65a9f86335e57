import keras
import numpy as np
import pytest
import tensorflow as tf
from made_tasks import random_tasks

from latentshot.lasium.learners.protonets import ProtoNets, prototypes, squared_distances
from latentshot.models.conv4 import conv4


def test_protonets_equals_a_numpy_reference():
    keras.utils.set_random_seed(0)
    network = conv4((8, 8, 1), filters=4)
    tasks, _ = random_tasks(n_tasks=2, n_way=3, k_shot=2, n_query=4, shape=(8, 8, 1))
    logits = ProtoNets(network)(tasks).numpy()
    for task in range(2):
        support, queries = (
            network.predict(tasks[name][task], verbose=0) for name in ("support_images", "query_images")
        )
        means = np.stack([support[tasks["support_labels"][task].numpy() == c].mean(axis=0) for c in range(3)])
        expected = [[-np.sum((query - mean) ** 2) for mean in means] for query in queries]
        np.testing.assert_allclose(logits[task], expected, rtol=1e-4, atol=1e-6)


def test_cosine_similarity_equals_a_numpy_reference():
    keras.utils.set_random_seed(0)
    network = conv4((8, 8, 1), filters=4)
    tasks, _ = random_tasks(n_tasks=2, n_way=3, k_shot=2, n_query=4, shape=(8, 8, 1))
    logits = ProtoNets(network, "cosine", temperature=0.2)(tasks).numpy()
    for task in range(2):
        support, queries = (
            network.predict(tasks[name][task], verbose=0) for name in ("support_images", "query_images")
        )
        support, queries = (part / np.linalg.norm(part + 1e-9, axis=1, keepdims=True) for part in (support, queries))
        means = np.stack([support[tasks["support_labels"][task].numpy() == c].mean(axis=0) for c in range(3)])
        means /= np.linalg.norm(means + 1e-9, axis=1, keepdims=True)
        np.testing.assert_allclose(logits[task], queries @ means.T / 0.2, rtol=1e-4, atol=1e-5)


def test_a_temperature_of_zero_is_an_error():
    with pytest.raises(ValueError, match="temperature is 0; it must be above 0"):
        ProtoNets(conv4((8, 8, 1), filters=4), "cosine", temperature=0.0)


def test_a_class_that_no_label_names_has_probability_zero():
    learner = ProtoNets(conv4((8, 8, 1), filters=4))
    images = tf.random.stateless_uniform((7, 8, 8, 1), (0, 0))
    answer = learner.adapt_and_predict(images[:3], tf.constant([0, 2, 2]), images[3:]).numpy()
    np.testing.assert_array_equal(answer[:, 1], 0.0)
    np.testing.assert_allclose(answer.sum(axis=1), 1.0, rtol=1e-5)


def test_prototypes_are_means_whatever_the_order_and_number_of_shots():
    features = tf.constant([[[1.0, 0.0], [5.0, 5.0], [3.0, 2.0]]])
    np.testing.assert_allclose(prototypes(features, tf.constant([[1, 0, 1]])), [[[5.0, 5.0], [2.0, 1.0]]])
    np.testing.assert_allclose(squared_distances(features[:, :1], features), [[[0.0, 41.0, 8.0]]])
