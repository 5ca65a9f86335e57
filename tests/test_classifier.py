"""The classifier of small samples: what it learns from and goes down, and how it is scored."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from latentshot.datasets import Split
from latentshot.glico.classify.classifier import MixedClassifier, sgd
from latentshot.glico.experiment.classifier_training import TEST_BATCH, score
from latentshot.models.wide_resnet import wide_resnet

SHAPE = (8, 8, 3)
LABELS = np.repeat(np.arange(6, dtype=np.int32), 10)


@pytest.fixture
def images():
    """Six classes of a colour each, with noise."""
    rng = np.random.default_rng(0)
    colours = rng.integers(0, 256, (6, 1, 1, 3))
    return (colours[LABELS] + rng.normal(0, 20, (60, *SHAPE))).clip(0, 255).astype(np.uint8)


def black(indices, seed):
    return tf.zeros((len(indices), *SHAPE))


def built(images, sampler=None, p=0.5, seed=0):
    keras.utils.set_random_seed(0)
    network = wide_resnet(SHAPE, 6, depth=10, width=1)
    model = MixedClassifier(network, images, keras.layers.Identity(), sampler, p, seed=seed)
    model.compile(sgd(80, 0.05))
    return model


def batches():
    samples = tf.data.Dataset.from_tensor_slices({"index": np.arange(60, dtype=np.int32), "label": LABELS})
    return samples.shuffle(60, seed=0).repeat().batch(20)


def test_classes_are_learnt_and_scored_in_percent(images):
    model = built(images)
    model.fit(batches(), epochs=1, steps_per_epoch=80, verbose=0, shuffle=False)
    test = tf.data.Dataset.from_tensors((tf.constant(images / 255.0, tf.float32), LABELS))
    scores = model.evaluate(test, verbose=0, return_dict=True)
    assert 90 < scores["top1"] <= scores["top5"] <= 100


def test_a_network_that_says_the_same_of_all_classes_is_right_by_chance_alone(images):
    model = built(images)
    model.network.set_weights([np.zeros_like(weight) for weight in model.network.get_weights()])
    test = tf.data.Dataset.from_tensor_slices((tf.constant(images / 255.0, tf.float32), LABELS)).batch(25)
    scores = model.evaluate(test, verbose=0, return_dict=True)
    assert scores["top1"] == pytest.approx(100 / 6, abs=1e-4)
    assert scores["top5"] == pytest.approx(500 / 6, abs=1e-4)
    assert scores["loss"] == pytest.approx(np.log(6), abs=1e-4)


def test_p_is_the_share_of_images_that_are_replaced(images):
    images = np.maximum(images, 1)  # none is black
    indices = tf.constant(np.tile(np.arange(60), 20))
    for p in (0.0, 0.5, 1.0):
        black_ones = tf.reduce_all(built(images, black, p).mixed(indices) == 0, axis=[1, 2, 3])
        assert np.mean(black_ones) == pytest.approx(p, abs=0.06)  # 1,200 images: four standard deviations
    np.testing.assert_allclose(built(images).mixed(indices), images[indices] / np.float32(255), rtol=1e-6)


def test_what_is_replaced_depends_on_the_seed_and_the_step_alone(images):
    def replaced(seed, step):
        model = built(images, black, seed=seed)
        model.optimizer.iterations.assign(step)
        return model.mixed(tf.range(60)).numpy()

    np.testing.assert_array_equal(replaced(1, 5), replaced(1, 5))
    assert (replaced(1, 5) != replaced(1, 6)).any()
    assert (replaced(1, 5) != replaced(2, 5)).any()


def test_the_learning_rate_falls_at_epochs_60_120_and_160_of_200():
    schedule = sgd(200)._learning_rate
    rates = [float(schedule(epoch)) for epoch in (0, 60, 61, 120, 121, 160, 161, 199)]
    np.testing.assert_allclose(rates, [0.1, 0.1, 0.02, 0.02, 0.004, 0.004, 0.0008, 0.0008], rtol=1e-5)


def test_the_learning_rate_falls_along_half_a_cosine_to_0():
    schedule = sgd(200, drops=None)._learning_rate
    rates = [float(schedule(step)) for step in (0, 50, 100, 150, 200)]
    np.testing.assert_allclose(rates, [0.1, 0.05 * (1 + 0.5**0.5), 0.05, 0.05 * (1 - 0.5**0.5), 0], atol=1e-7)


@pytest.mark.parametrize("p", [-0.1, 1.5, float("nan")])
def test_a_share_that_is_none_is_named(images, p):
    with pytest.raises(ValueError, match=f"p is {p:g}"):
        built(images, p=p)


def test_a_negative_weight_decay_is_named(images):
    with pytest.raises(ValueError, match="weight_decay is -1; it must be 0 or more"):
        MixedClassifier(wide_resnet(SHAPE, 6, 10, 1), images, keras.layers.Identity(), weight_decay=-1)


def test_the_gradient_of_weight_decay_is_the_kernel_times_it():
    network = keras.Sequential([keras.Input(SHAPE), keras.layers.Flatten(), keras.layers.Dense(6)])
    model = MixedClassifier(network, np.zeros((6, *SHAPE), np.uint8), keras.layers.Identity(), weight_decay=0.3)
    kernel, bias = (np.asarray(weight) for weight in network.trainable_variables)
    model.compile(keras.optimizers.SGD(1.0))
    model.train_step({"index": tf.range(6), "label": tf.range(6)})  # black images: the kernel has no other gradient
    np.testing.assert_allclose(network.layers[-1].kernel, 0.7 * kernel, rtol=1e-5)
    np.testing.assert_allclose(network.layers[-1].bias, bias, atol=1e-6)  # every class once: its gradient is 0


def test_mixup_blends_images_and_labels_alike():
    """Images that are their label's one-hot: after blending they still are the label."""
    one_hot = np.zeros((6, 1, 6, 3), np.uint8)
    one_hot[np.arange(6), 0, np.arange(6)] = 255
    network = keras.Sequential([keras.Input((1, 6, 3)), keras.layers.Flatten(), keras.layers.Dense(6)])
    model = MixedClassifier(network, one_hot, keras.layers.Identity(), mixup=keras.layers.MixUp(1.0, seed=3))
    blended = model.mixup({"images": model.mixed(tf.range(6)), "labels": tf.one_hot(tf.range(6), 6)}, training=True)
    np.testing.assert_allclose(blended["images"][:, 0, :, 0], blended["labels"], rtol=1e-5)
    assert np.max(blended["labels"], axis=1).min() < 0.9


def test_the_cosine_loss_is_minus_the_cosine_of_logits_and_label(images):
    network = keras.Sequential([keras.Input(SHAPE), keras.layers.Flatten(), keras.layers.Dense(6)])
    model = MixedClassifier(network, images, keras.layers.Identity(), loss="cosine")
    model.compile(keras.optimizers.SGD(0.1))
    x = tf.constant(images / 255.0, tf.float32)
    loss = model.evaluate(tf.data.Dataset.from_tensors((x, LABELS)), verbose=0, return_dict=True)["loss"]
    logits = np.asarray(network(x), np.float64)
    cosines = logits[np.arange(60), LABELS] / np.linalg.norm(logits, axis=1)
    assert loss == pytest.approx(-cosines.mean(), rel=1e-4)


def nearest_shade():
    """Takes an image of one pixel for the class whose grey, 0, 51 ... or 255, is the nearest."""
    greys = np.arange(6) / 5
    normal, nearest = keras.layers.BatchNormalization(center=False, scale=False, epsilon=0), keras.layers.Dense(6)
    network = keras.Sequential([keras.Input((1, 1, 1)), keras.layers.Flatten(), normal, nearest])
    mean, deviation = 0.1, 0.2
    normal.set_weights([np.array([mean]), np.array([deviation**2])])
    nearest.set_weights([2 * deviation * greys[None], 2 * mean * greys - greys**2])  # -(x - grey)^2, but for x^2
    return network


def test_a_score_counts_every_image_and_those_whose_label_is_among_the_first_five_choices():
    shades = np.arange(2 * TEST_BATCH + 1, dtype=np.int32) % 6  # two parts, and a third of one image
    labels = shades.copy()
    labels[3::6] = 2
    labels[::12], labels[6::12] = 5, 4  # of black images, whose last choice and the one before it they are
    images = (51 * shades).astype(np.uint8).reshape(-1, 1, 1, 1)
    model = MixedClassifier(nearest_shade(), images[:1], keras.layers.Identity())
    top, taken = score(model, Split(images, labels, tuple("abcdef")))
    np.testing.assert_array_equal(taken, shades)
    assert top["top1"] == pytest.approx(100 * 334 / 501)
    assert top["top5"] == pytest.approx(100 * 459 / 501)
