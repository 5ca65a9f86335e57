"""MixMatch against numpy: guesses, sharpening, mixing, the loss, the ramp and the averaged weights."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy import stats

from latentshot.datasets import load_dataset
from latentshot.glico.classify.mixmatch import (
    MixMatchClassifier,
    beta,
    mixed_up,
    ramp,
    sharpened,
    without_dropout,
)
from latentshot.glico.experiment.build_classifier import build_classifier
from latentshot.glico.experiment.build_sample import draw_sample
from latentshot.glico.experiment.config import GlicoConfig
from latentshot.glico.experiment.defaults import resolved
from latentshot.glico.experiment.description import options_text
from latentshot.models import classifiers

rng = np.random.default_rng(0)
IMAGES = rng.integers(0, 256, (12, 4, 4, 1), np.uint8)
UNLABELLED = rng.integers(0, 256, (30, 4, 4, 1), np.uint8)


def softmax(logits):
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def linear_network(n_classes=3):
    images = keras.Input((4, 4, 1))
    return keras.Model(images, keras.layers.Dense(n_classes)(keras.layers.Flatten()(images)))


def classifier(augmentation=None, ema=None, **options):
    keras.utils.set_random_seed(0)
    augmentation = augmentation or keras.layers.Identity()
    model = MixMatchClassifier(
        linear_network(), IMAGES, augmentation, weight_decay=0.0, unlabelled=UNLABELLED, **options
    )
    average = {} if ema is None else {"use_ema": True, "ema_momentum": ema}
    model.compile(keras.optimizers.SGD(0.1, **average))
    model.optimizer.build(model.trainable_variables)
    return model


def test_sharpening_is_a_power_of_sum_one():
    chances = softmax(rng.normal(size=(5, 3)))
    expected = chances**2 / (chances**2).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(sharpened(tf.constant(chances), 0.5), expected, rtol=1e-6)
    np.testing.assert_allclose(sharpened(tf.constant(chances), 1.0), chances, rtol=1e-6)


def test_sharpening_at_a_small_temperature_is_a_choice_even_of_chances_that_are_almost_alike():
    chances = tf.constant([[0.1] * 8 + [0.09, 0.11], [1.0] + [0.0] * 9])
    np.testing.assert_allclose(sharpened(chances, 0.001), tf.one_hot([9, 0], 10), atol=1e-6)


def test_ratios_are_of_the_beta_distribution():
    drawn = beta(4000, 0.75, tf.constant([0, 1])).numpy()
    assert stats.kstest(drawn, stats.beta(0.75, 0.75).cdf).pvalue > 0.01


def test_an_image_stays_nearer_to_itself_and_its_target_moves_as_far():
    images, targets = rng.random((4, 2, 2, 1)), rng.random((4, 3))
    order, ratios = np.array([2, 3, 1, 0]), np.array([0.1, 0.9, 0.5, 0.3])
    own = np.array([0.9, 0.9, 0.5, 0.7])
    found = mixed_up(*(tf.constant(each) for each in (images, targets, order, ratios)))
    for ours, of in zip(found, (images, targets), strict=True):
        weight = own.reshape(-1, *[1] * (of.ndim - 1))
        np.testing.assert_allclose(ours, weight * of + (1 - weight) * of[order], rtol=1e-6)


def test_the_weight_that_an_image_keeps_is_the_larger_part_of_a_beta_ratio():
    beside_nothing = tf.tile([1.0, 0.0], [200_000])
    order = tf.bitwise.bitwise_xor(tf.range(400_000), 1)
    images = beside_nothing[:, None, None, None]
    mixed, _ = mixed_up(images, beside_nothing[:, None], order, beta(400_000, 0.75, tf.constant([0, 1])))
    kept = mixed.numpy().ravel()[::2]
    law = stats.beta(0.75, 0.75)
    mean, square = (2 * law.expect(lambda ratio, power=power: ratio**power, 0.5, 1) for power in (1, 2))
    assert kept.mean() == pytest.approx(mean, abs=3 * ((square - mean**2) / 200_000) ** 0.5)
    assert kept.min() >= 0.5


def test_the_weight_of_guesses_rises_along_a_line_and_stays():
    assert [float(ramp(tf.constant(step), 75.0, 100)) for step in (0, 50, 100, 900)] == [0.0, 37.5, 75.0, 75.0]


class Brighter(keras.layers.Layer):
    """Another augmentation at every call of a step, which is known."""

    def __init__(self):
        super().__init__()
        self.calls = 0

    def call(self, images, training=True):
        self.calls += 1
        return images * (1.0 - 0.1 * self.calls)


@pytest.mark.parametrize(("step", "ramp_steps", "weight"), [(0, 0, 7.0), (4, 10, 2.8), (12, 10, 7.0)])
def test_a_step_goes_down_the_loss_of_labels_and_of_sharpened_mean_guesses(step, ramp_steps, weight):
    model = classifier(Brighter(), alpha=0.75, guess_weight=7.0, ramp_steps=ramp_steps)
    model.optimizer.iterations.assign(step)
    weights, bias = (variable.numpy().astype(np.float64) for variable in model.trainable_variables)
    kept: dict = {}
    descend = model.descend

    def noted(images, loss_of):
        kept.update(images=images.numpy(), loss=float(loss_of(model.network(images))))
        return descend(images, loss_of)

    model.descend = noted
    labels = np.array([0, 1, 2, 0])
    model.train_step({"index": tf.constant([3, 1, 4, 11]), "label": tf.constant(labels)})

    # the same draws, and everything after them in float64
    seed = tf.random.experimental.stateless_fold_in(tf.constant([0, step]), -1)
    draw, order_seed, ratio_seed = tf.unstack(tf.random.experimental.stateless_split(seed, 3))
    drawn = UNLABELLED[tf.random.stateless_uniform((4,), draw, maxval=30, dtype=tf.int32).numpy()] / 255.0
    order = tf.random.experimental.stateless_shuffle(tf.range(12), order_seed).numpy()
    ratios = beta(12, 0.75, ratio_seed).numpy().astype(np.float64)
    augmented = [0.8 * drawn, 0.7 * drawn]  # the labelled images were augmented first

    def logits(images):
        return images.reshape(len(images), -1) @ weights + bias

    mean = np.mean([softmax(logits(each)) for each in augmented], axis=0)
    guesses = mean**2 / (mean**2).sum(axis=1, keepdims=True)
    images = np.concatenate([0.9 * IMAGES[[3, 1, 4, 11]] / 255.0, *augmented])
    targets = np.concatenate([np.eye(3)[labels], guesses, guesses])
    own = np.maximum(ratios, 1 - ratios)
    images = own[:, None, None, None] * images + (1 - own[:, None, None, None]) * images[order]
    targets = own[:, None] * targets + (1 - own[:, None]) * targets[order]
    chances = softmax(logits(images))
    of_labels = -(targets[:4] * np.log(chances[:4])).sum(axis=1).mean()
    expected = of_labels + weight * np.square(targets[4:] - chances[4:]).mean()
    np.testing.assert_allclose(kept["images"], images, atol=1e-6)
    assert kept["loss"] == pytest.approx(expected, rel=1e-5)


def test_ramp_and_average_are_the_papers_in_proportion_to_the_steps():
    dataset = load_dataset("digits", split_by="image")
    for steps in (500, 78_000):
        config = resolved(GlicoConfig(compare=("mixmatch",), classifier="weak-cnn", steps=steps))
        training = build_classifier(config, draw_sample(config, dataset, 10, 0), "mixmatch", None)
        share = training.schedule.steps / 78_125  # of 200 epochs of 50,000 images, 128 a step
        assert training.model.ramp_steps == pytest.approx(16_000 * share, abs=1)
        kept = training.model.optimizer.ema_momentum**training.schedule.steps
        assert kept == pytest.approx(0.999**78_125, rel=1e-6)  # of the first weights, after all steps


def test_after_a_fit_the_weights_are_the_average_over_its_steps():
    model = classifier(ema=0.75)
    path = []

    class Noted(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            path.append(model.trainable_variables[0].numpy())

    data = tf.data.Dataset.from_tensors({"index": tf.range(12), "label": tf.range(12) % 3}).repeat(4)
    model.fit(data, epochs=1, verbose=0, shuffle=False, callbacks=[Noted()])
    average = path[0]
    for weights in path[1:]:
        average = 0.75 * average + 0.25 * weights
    np.testing.assert_allclose(model.trainable_variables[0], average, atol=1e-6)
    assert np.abs(average - path[-1]).max() > 1e-4


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"compare": ("mixmatch+mixup",)}, "mixmatch mixes already, leave out mixup"),
        ({"compare": ("mixmatch+cosine",)}, "mixmatch has a loss of its own, leave out cosine"),
        ({"compare": ("baseline",), "guess_weight": 3.0}, "guess_weight is for --compare mixmatch: leave it out"),
        ({"compare": ("mixmatch",), "guess_weight": -1.0}, "guess_weight"),
    ],
)
def test_what_mixmatch_cannot_be_is_told(options, message):
    with pytest.raises(ValueError, match=message):
        GlicoConfig(**options)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"unlabelled": UNLABELLED[:0]}, "there are none"),
        ({"loss": "cosine"}, "a loss and MixUp of its own"),
        ({"mixup": keras.layers.MixUp()}, "a loss and MixUp of its own"),
        ({"n_augmentations": 0}, "n_augmentations is 0; it must be 1 or more"),
        ({"temperature": 0.0}, "temperature is 0 and alpha 0.75; both must be above 0"),
        ({"alpha": float("nan")}, "alpha nan; both"),
        ({"guess_weight": -1.0}, "guess_weight is -1"),
        ({"ramp_steps": -1}, "ramp_steps -1; neither may be below 0"),
    ],
)
def test_arguments_that_mixmatch_cannot_have_are_told(arguments, message):
    arguments = {"unlabelled": UNLABELLED, **arguments}
    with pytest.raises(ValueError, match=message):
        MixMatchClassifier(linear_network(), IMAGES, keras.layers.Identity(), **arguments)


def test_a_row_of_mixmatch_does_not_speak_of_the_optimizer_that_the_others_have():
    config = resolved(GlicoConfig(compare=("baseline", "mixmatch"), lr=0.03, weight_decay=0.02, steps=77))
    assert "lr 0.03, weight decay 0.02" in options_text(config, "baseline")
    assert "steps 77" in (text := options_text(config, "mixmatch"))
    assert not any(word in text for word in ("lr", "weight decay", "momentum"))


def test_the_guesser_of_a_network_in_a_network_has_its_weights_and_no_dropout():
    images = rng.integers(0, 256, (12, 16, 16, 3), np.uint8)
    network = classifiers.classifier("cnn-4", images, 3)
    (dropout,) = (layer for layer in network.layers[-1].layers if isinstance(layer, keras.layers.Dropout))

    def logits(model):
        weights, state = model.trainable_variables, model.non_trainable_variables
        return model.stateless_call(weights, state, images / np.float32(255), training=True)[0].numpy()

    guesser = without_dropout(network)
    assert all(any(ours is theirs for theirs in network.variables) for ours in guesser.variables)
    assert np.abs(logits(network) - logits(guesser)).max() > 0.1
    dropout.rate = 0.0
    np.testing.assert_allclose(logits(guesser), logits(network), rtol=1e-5)


def test_a_guess_knows_no_dropout_and_leaves_moving_statistics_as_they_are():
    images = keras.Input((4, 4, 1))
    x = keras.layers.BatchNormalization()(keras.layers.Flatten()(images))
    network = keras.Model(images, keras.layers.Dense(3)(keras.layers.Dropout(0.5)(x)))
    model = MixMatchClassifier(network, IMAGES, keras.layers.Identity(), unlabelled=UNLABELLED, n_augmentations=1)
    before = [variable.numpy() for variable in network.variables]
    others, guesses = model._guessed(tf.constant(8), tf.constant([0, 1]))
    for variable, value in zip(network.variables, before, strict=True):
        np.testing.assert_array_equal(variable, value)
    flat = others.numpy().reshape(8, -1)
    normal = (flat - flat.mean(axis=0)) / np.sqrt(flat.var(axis=0) + 1e-3)
    weights, bias = (variable.numpy() for variable in network.layers[-1].variables)
    np.testing.assert_allclose(guesses, sharpened(tf.constant(softmax(normal @ weights + bias)), 0.5), atol=1e-5)
    assert len(model.trainable_variables) == len(network.trainable_variables)
