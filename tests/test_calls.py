"""What public calls say to wrong values, each with what would have been right."""

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

import latentshot as ls

LABELS = np.arange(20) % 4
IMAGES = np.zeros((20, 8, 8, 1), np.uint8)


def misspelt(word: str) -> Any:
    """The word, without a type that would tell what is wrong with it."""
    return word


def network():
    return keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Flatten(), keras.layers.Dense(4)])


def glico(**options):
    codes = ls.Codes(np.eye(20, 6, dtype=np.float32) + 0.1)
    generator = keras.Sequential([keras.Input((22,)), keras.layers.Dense(64), keras.layers.Reshape((8, 8, 1))])
    return ls.GLICO(codes, generator, None, lambda *_: 0.0, lambda _: [], **options)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: ls.conv4((28, 28, 1), downsampling=misspelt("maxpool")),
            "downsampling is 'maxpool': choose stride or max_pool",
        ),
        (
            lambda: ls.application("mobilenet:0.25", (32, 32, 3), None, pooling=misspelt("max")),
            "pooling is 'max': choose avg or flatten",
        ),
        (
            lambda: ls.MAML(network(), batch_norm=misspelt("transductve")),
            "batch_norm is 'transductve': choose transductive or support",
        ),
        (lambda: glico(noise="add"), "noise is 'add': choose concatenated or additive"),
        (lambda: glico(classifier_space="images"), "classifier_space is 'images': choose image or latent"),
        (
            lambda: ls.MixedClassifier(network(), IMAGES, keras.layers.Identity(), loss=misspelt("mse")),
            "loss is 'mse': choose cross-entropy or cosine",
        ),
    ],
)
def test_a_misspelt_word_is_told_and_not_taken_for_another(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: ls.image_batches(IMAGES, 0, 0), "a batch of 0 images: it must have 1 or more"),
        (lambda: ls.labelled_batches(LABELS, -1, 0), "a batch of -1 images"),
        (lambda: ls.mixed_batches(LABELS, 10, 2, 2, 0), "a batch of 0 images"),
        (
            lambda: ls.augmented_tasks(IMAGES, ls.TaskAugmentation(), n_way=2, meta_batch_size=0),
            "meta_batch_size is 0; it must be 1",
        ),
        (lambda: ls.k_means_partitions(np.eye(20), 4, 0), "n_partitions is 0; it must be 1 or more"),
        (lambda: ls.load_dataset("digits", n_unlabelled=-5), "n_unlabelled is -5; digits has .* of which 1 or more"),
        (lambda: ls.Codes(np.full((3, 4), np.nan, np.float32)), "code 0 is not finite"),
        (lambda: ls.pseudo_labels(glico(), np.array([-1] * 20)), "the model has no classifier that could be asked"),
    ],
)
def test_numbers_and_models_that_nothing_can_be_made_of_are_told(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def fitted_on_tasks(layer):
    learner = ls.ProtoNets(keras.Sequential([network(), layer]))
    learner.compile()
    split = ls.Split(IMAGES, LABELS.astype(np.int32), tuple("abcd"))
    learner.fit(ls.labelled_tasks(split, n_way=2, n_query=1, meta_batch_size=1, n_tasks=1), verbose=0, shuffle=False)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: ls.MAML(keras.Sequential([network(), keras.layers.Dropout(0.5), keras.layers.Dense(4)])),
            "draws random numbers, as dropout does",
        ),
        (lambda: fitted_on_tasks(keras.layers.Dense(2, kernel_regularizer="l2")), "has losses of its own, such as"),
        (lambda: ls.ProtoNets(network()).compile(metrics=["accuracy"]), "compile was given metrics"),
        (lambda: ls.MAML(network()).compile(loss="mse"), "compile was given loss"),
    ],
)
def test_what_a_few_shot_learner_would_leave_out_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_a_classifier_on_an_embedding_knows_a_class_by_its_label_whatever_labels_are_missing():
    for classifier in (ls.NearestNeighbours(1), ls.LinearClassifier(), ls.MLPClassifier(steps=50)):
        learner = ls.OnEmbedding(keras.Sequential([keras.Input((2,)), keras.layers.Identity()]), classifier)
        learner.compile()
        support = np.array([[0, 1], [5, -4]], np.float32)
        found = learner.adapt_and_predict(support, np.array([0, 2]), support).numpy()
        assert found.shape == (2, 3)
        assert found.argmax(axis=1).tolist() == [0, 2]
        np.testing.assert_allclose(found[:, 1], 0, atol=1e-6)
        with pytest.raises(ValueError, match="all 2 examples are of one class"):
            learner.adapt_and_predict(support, np.array([1, 1]), support)


def test_images_without_a_label_are_in_no_batch():
    batch = next(iter(ls.labelled_batches(np.array([0, 1, -1, 1]), 3, seed=0)))
    assert sorted(batch["index"].numpy()) == [0, 1, 3]
    assert tf.reduce_all(batch["label"] >= 0)
