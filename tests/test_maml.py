import keras
import numpy as np
import pytest
import tensorflow as tf
from made_tasks import meta_gradient, random_tasks, small_network

from latentshot.lasium.learners.learner import mean_cross_entropy
from latentshot.lasium.learners.maml import MAML
from latentshot.models.conv4 import conv4


@pytest.mark.parametrize("batch_norm", ["transductive", "support"])
def test_second_order_gradients_equal_finite_differences_in_float64(float64, batch_norm):
    keras.utils.set_random_seed(1)
    learner = MAML(small_network(), inner_lr=0.5, inner_steps=3, batch_norm=batch_norm)
    tasks, labels = random_tasks(dtype="float64")
    _, gradients = meta_gradient(learner, tasks, labels)
    rng, step = np.random.default_rng(0), 1e-5
    for variable, gradient in zip(learner.network.trainable_variables, gradients, strict=True):
        direction, at = rng.normal(size=variable.shape), variable.numpy()
        losses = []
        for sign in (1, -1):
            variable.assign(at + sign * step * direction)
            losses.append(float(mean_cross_entropy(labels, learner(tasks, training=True))))
        variable.assign(at)
        difference = (losses[0] - losses[1]) / (2 * step)
        assert np.sum(gradient * direction) == pytest.approx(difference, rel=1e-6, abs=1e-9), variable.path


def test_first_order_gradients_are_those_at_the_adapted_weights(float64):
    """Held constant, the inner gradients make d w' / d w the identity, and leave the query gradient at w'."""
    keras.utils.set_random_seed(1)
    network = small_network()
    learner = MAML(network, inner_lr=0.5, inner_steps=3, first_order=True)
    tasks, labels = random_tasks(n_tasks=1, dtype="float64")
    _, gradients = meta_gradient(learner, tasks, labels)
    adapted = [w.numpy() for w in learner.adapt(tasks["support_images"][0], tasks["support_labels"][0])]
    for variable, value in zip(network.trainable_variables, adapted, strict=True):
        variable.assign(value)
    with tf.GradientTape() as tape:
        loss = mean_cross_entropy(labels[0], network(tasks["query_images"][0], training=True))
    for ours, expected in zip(gradients, tape.gradient(loss, network.trainable_variables), strict=True):
        np.testing.assert_allclose(ours, expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(
    ("first_order", "batch_norm", "onednn"),
    [
        (False, "transductive", False),
        pytest.param(False, "support", True, marks=pytest.mark.slow),
        pytest.param(True, "transductive", True, marks=pytest.mark.slow),
        (True, "support", False),
    ],
)
def test_a_task_traced_for_all_gives_the_gradients_and_answers_of_tasks_in_one_graph(
    first_order, batch_norm, onednn, monkeypatch
):
    """Side by side, and one after another as with oneDNN's kernels."""
    monkeypatch.setattr("latentshot.lasium.learners.each_task.onednn_computes", lambda: onednn)
    keras.utils.set_random_seed(1)
    learner = MAML(conv4((8, 8, 1), 3, filters=4, momentum=0.0), 0.1, 3, 2, first_order, batch_norm)
    learner.compile(keras.optimizers.SGD())
    tasks, labels = random_tasks(n_tasks=3, shape=(8, 8, 1))
    if not learner.traces_one_task:
        pytest.skip("one task is traced for all on CPUs alone")
    logits, gradients = learner._logits_and_gradients(tasks, labels)
    expected_logits, expected = super(MAML, learner)._logits_and_gradients(tasks, labels)
    np.testing.assert_allclose(logits, expected_logits, rtol=1e-4, atol=1e-5)
    for ours, theirs in zip(gradients, expected, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-3, atol=1e-5)
    np.testing.assert_allclose(learner.test_logits(tasks), learner(tasks), rtol=1e-4, atol=1e-5)


def test_xla_gets_the_tasks_in_one_graph():
    learner = MAML(conv4((8, 8, 1), 3, filters=4, momentum=0.0), 0.1, 1)
    learner.compile(keras.optimizers.SGD(), jit_compile=True)
    assert not learner.traces_one_task


def test_first_and_second_order_differ():
    keras.utils.set_random_seed(1)
    network, (tasks, labels) = small_network(), random_tasks()
    first, second = (meta_gradient(MAML(network, 0.5, 3, first_order=f), tasks, labels)[1] for f in (True, False))
    assert max(np.abs(a - b).max() for a, b in zip(first, second, strict=True)) > 1e-3


def test_meta_gradient_of_linear_regression_equals_its_closed_form(float64, monkeypatch):
    """A step on (w - a)^2 / 2 gives w' = w - lr (w - a); the query loss (w' - b)^2 / 2 has slope (1 - lr) (w' - b)."""
    half_square = "latentshot.lasium.learners.maml.mean_cross_entropy"
    monkeypatch.setattr(half_square, lambda y, out: tf.reduce_mean((out - y) ** 2) / 2)
    images = keras.Input((1, 1, 1))
    network = keras.Model(images, keras.layers.Dense(1, use_bias=False)(keras.layers.Flatten()(images)))
    network.set_weights([np.array([[0.7]])])
    lr, a, b = 0.3, 2.0, -1.0
    one = tf.ones((1, 1, 1, 1, 1), tf.float64)
    tasks = {"support_images": one, "support_labels": tf.constant([[[a]]], tf.float64), "query_images": one}
    for steps, factor in ((1, 0.7), (4, 0.7**4)):
        for first_order in (False, True):
            learner = MAML(network, inner_lr=lr, inner_steps=steps, first_order=first_order)
            with tf.GradientTape() as tape:
                loss = tf.reduce_mean((learner(tasks, training=True) - b) ** 2) / 2
            (gradient,) = tape.gradient(loss, network.trainable_variables)
            adapted = a + factor * (0.7 - a)
            expected = (1.0 if first_order else factor) * (adapted - b)
            assert float(gradient[0, 0]) == pytest.approx(expected, rel=1e-12)


def test_the_loop_of_evaluation_takes_the_steps_of_training(float64):
    keras.utils.set_random_seed(0)
    tasks, _ = random_tasks(dtype="float64")
    learner = MAML(small_network(), inner_lr=0.1, inner_steps=4, eval_inner_steps=4)
    np.testing.assert_allclose(learner(tasks, training=True), learner(tasks, training=False), rtol=1e-9)


def test_transductive_answers_depend_on_the_other_queries_and_support_ones_do_not():
    keras.utils.set_random_seed(0)
    network, (tasks, _) = small_network(), random_tasks(n_tasks=1)
    alone = {**tasks, "query_images": tasks["query_images"][:, :1]}
    support, transductive = (MAML(network, eval_inner_steps=2, batch_norm=mode) for mode in ("support", "transductive"))
    np.testing.assert_allclose(support(alone)[0, 0], support(tasks)[0, 0], atol=1e-5)
    assert np.abs(transductive(alone)[0, 0] - transductive(tasks)[0, 0]).max() > 1e-3


def test_a_label_beyond_the_head_of_maml_is_an_error():
    learner = MAML(conv4((8, 8, 1), 3, filters=2, momentum=0.0), eval_inner_steps=1)
    images = tf.random.stateless_uniform((4, 8, 8, 1), (0, 0))
    with pytest.raises(tf.errors.InvalidArgumentError, match="label value of 3"):
        learner.adapt_and_predict(images[:3], tf.constant([1, 2, 3]), images[3:])


def test_batch_normalization_with_wrong_second_derivatives_is_refused():
    images = keras.Input((4, 4, 1))
    network = keras.Model(images, keras.layers.Flatten()(keras.layers.BatchNormalization()(images)))
    with pytest.raises(ValueError, match=r"whose second derivatives are wrong.*or first_order=True"):
        MAML(network)
    MAML(network, first_order=True)


def test_statistics_of_the_support_need_a_network_that_keeps_those_of_one_batch():
    with pytest.raises(ValueError, match=r"of momentum 0, not 0\.99: conv4\(\.\.\., momentum=0\.0\)"):
        MAML(conv4((8, 8, 1), 3, filters=2), batch_norm="support")
