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


@pytest.mark.parametrize("similarity", ["euclidean", "cosine"])
def test_with_alternate_support_a_task_is_all_tasks_of_its_images_in_turn(similarity):
    """The reference makes the tasks one by one, each from images moved on by one within their classes."""
    n_tasks, n_way, k_shot, n_query = 2, 3, 2, 3
    keras.utils.set_random_seed(0)
    network = conv4((8, 8, 1), filters=4)
    tasks, labels = random_tasks(n_tasks, n_way, k_shot, n_query, shape=(8, 8, 1))
    one, all_in_turn = ProtoNets(network, similarity), ProtoNets(network, similarity, alternate_support=True)
    support, queries = (
        np.reshape(tasks[name], (n_tasks, n_way, -1, 8, 8, 1)) for name in ("support_images", "query_images")
    )
    images = np.concatenate([support, queries], axis=2)
    one_by_one = []
    for turn in range(k_shot + n_query):
        moved = np.roll(images, -turn, axis=2)
        support, queries = (np.reshape(part, (n_tasks, -1, 8, 8, 1)) for part in np.split(moved, [k_shot], axis=2))
        turned = {**tasks, "support_images": tf.constant(support), "query_images": tf.constant(queries)}
        one_by_one.append(one(turned, training=True).numpy())
    expected = np.concatenate(one_by_one, axis=1)
    np.testing.assert_allclose(all_in_turn(tasks, training=True), expected, rtol=1e-3, atol=1e-4)
    np.testing.assert_allclose(all_in_turn(tasks), one(tasks), rtol=1e-5, atol=1e-6)  # no change but in training

    all_in_turn.compile("adam")
    history = all_in_turn.fit(tf.data.Dataset.from_tensors((tasks, labels)), verbose=0, shuffle=False).history
    shifted = expected - expected.max(axis=-1, keepdims=True)
    log_probabilities = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    chosen = np.take_along_axis(log_probabilities, np.tile(labels, (1, k_shot + n_query))[..., None], axis=-1)
    np.testing.assert_allclose(history["loss"][0], -chosen.mean(), rtol=1e-3)


def test_a_temperature_of_zero_is_an_error():
    with pytest.raises(ValueError, match="temperature is 0; it must be above 0"):
        ProtoNets(conv4((8, 8, 1), filters=4), "cosine", temperature=0.0)


def test_an_unknown_similarity_is_an_error():
    with pytest.raises(ValueError, match="similarity is 'cos': choose euclidean or cosine"):
        ProtoNets(conv4((8, 8, 1), filters=4), "cos")  # type: ignore[arg-type]


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
