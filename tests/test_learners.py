from typing import get_args

import keras
import numpy as np
import pytest
import tensorflow as tf

from latentshot.lasium.experiment.evaluation import evaluate
from latentshot.lasium.learners.learner import mean_cross_entropy
from latentshot.lasium.learners.maml import MAML, BatchNorm
from latentshot.lasium.learners.protonets import ProtoNets, prototypes, squared_distances
from latentshot.lasium.tasks.labelled import labelled_tasks
from latentshot.lasium.tasks.stream import TaskShape
from latentshot.models.batch_norm import BatchNormalization
from latentshot.models.conv4 import conv4
from latentshot.training.precision import set_precision


def random_tasks(n_tasks=2, n_way=3, k_shot=2, n_query=4, shape=(4, 4, 1), dtype="float32", seed=0):
    rng = np.random.default_rng(seed)

    def part(per_class):
        return tf.constant(rng.random((n_tasks, n_way * per_class, *shape)), dtype)

    labels = [tf.constant([np.arange(n_way).repeat(per_class)] * n_tasks, tf.int32) for per_class in (k_shot, n_query)]
    return {"support_images": part(k_shot), "support_labels": labels[0], "query_images": part(n_query)}, labels[1]


def small_network(n_way=3, shape=(4, 4, 1)):
    """Smooth, so that finite differences converge; with batch normalization, as conv4."""
    images = keras.Input(shape)
    x = keras.layers.Conv2D(3, 3, strides=2, padding="same", activation="tanh")(images)
    x = BatchNormalization(momentum=0.0)(x)
    return keras.Model(images, keras.layers.Dense(n_way)(keras.layers.Flatten()(x)))


def meta_gradient(learner, tasks, labels):
    with tf.GradientTape() as tape:
        loss = mean_cross_entropy(labels, learner(tasks, training=True))
    return loss, tape.gradient(loss, learner.network.trainable_variables)


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


@pytest.mark.parametrize("first_order", [False, True])
@pytest.mark.parametrize("batch_norm", get_args(BatchNorm))
@pytest.mark.parametrize("onednn", [False, True])
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
    np.testing.assert_allclose(learner._test_logits(tasks), learner(tasks), rtol=1e-4, atol=1e-5)


def test_xla_gets_the_tasks_in_one_graph():
    learner = MAML(conv4((8, 8, 1), 3, filters=4, momentum=0.0), 0.1, 1)
    learner.compile(keras.optimizers.SGD(), jit_compile=True)
    assert not learner.traces_one_task


def test_fit_learns_in_float64_too(float64):
    learner = MAML(small_network(), inner_steps=1)
    learner.compile(keras.optimizers.SGD(0.1))
    tasks, labels = random_tasks(dtype="float64")
    before = learner.network.get_weights()[0]
    learner.fit(tf.data.Dataset.from_tensors((tasks, labels)), shuffle=False, verbose=0)
    assert not np.array_equal(before, learner.network.get_weights()[0])


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
    support, transductive = (MAML(network, eval_inner_steps=2, batch_norm=mode) for mode in get_args(BatchNorm)[::-1])
    np.testing.assert_allclose(support(alone)[0, 0], support(tasks)[0, 0], atol=1e-5)
    assert np.abs(transductive(alone)[0, 0] - transductive(tasks)[0, 0]).max() > 1e-3


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


def test_a_class_that_no_label_names_has_probability_zero():
    learner = ProtoNets(conv4((8, 8, 1), filters=4))
    images = tf.random.stateless_uniform((7, 8, 8, 1), (0, 0))
    answer = learner.adapt_and_predict(images[:3], tf.constant([0, 2, 2]), images[3:]).numpy()
    np.testing.assert_array_equal(answer[:, 1], 0.0)
    np.testing.assert_allclose(answer.sum(axis=1), 1.0, rtol=1e-5)


@pytest.mark.parametrize("dtype", [tf.int32, tf.int64])
def test_labels_are_integers_that_count_from_zero(dtype):
    learner = ProtoNets(conv4((8, 8, 1), filters=4))
    images = tf.random.stateless_uniform((4, 8, 8, 1), (0, 0))
    assert learner.adapt_and_predict(images[:3], tf.constant([0, 1, 2], dtype), images[3:]).shape == (1, 3)
    with pytest.raises(tf.errors.InvalidArgumentError, match="labels count from 0"):
        learner.adapt_and_predict(images[:3], tf.constant([0, -1, 1], dtype), images[3:])


def test_a_label_beyond_the_head_of_maml_is_an_error():
    learner = MAML(conv4((8, 8, 1), 3, filters=2, momentum=0.0), eval_inner_steps=1)
    images = tf.random.stateless_uniform((4, 8, 8, 1), (0, 0))
    with pytest.raises(tf.errors.InvalidArgumentError, match="label value of 3"):
        learner.adapt_and_predict(images[:3], tf.constant([1, 2, 3]), images[3:])


def test_prototypes_are_means_whatever_the_order_and_number_of_shots():
    features = tf.constant([[[1.0, 0.0], [5.0, 5.0], [3.0, 2.0]]])
    np.testing.assert_allclose(prototypes(features, tf.constant([[1, 0, 1]])), [[[5.0, 5.0], [2.0, 1.0]]])
    np.testing.assert_allclose(squared_distances(features[:, :1], features), [[[0.0, 41.0, 8.0]]])


@pytest.mark.parametrize("downsampling", ["stride", "max_pool"])
def test_conv4_has_the_features_of_the_paper(downsampling):
    network = conv4((28, 28, 1), downsampling=downsampling)
    assert network.output_shape == (None, 256 if downsampling == "stride" else 64)
    assert conv4((28, 28, 1), 5, downsampling=downsampling).output_shape == (None, 5)
    # 9 * 64 + 64, three times 9 * 64 * 64 + 64, and a scale and an offset a filter: by hand
    assert sum(np.prod(v.shape) for v in network.trainable_variables) == 640 + 3 * 36_928 + 4 * 128


@pytest.mark.parametrize("method", ["maml", "protonets"])
def test_meta_training_beats_chance_on_classes_never_seen(blobs, method):
    keras.utils.set_random_seed(0)
    shape = blobs.image_shape
    if method == "maml":
        learner = MAML(conv4(shape, 3, filters=8, momentum=0.0), inner_lr=0.1, inner_steps=1, eval_inner_steps=3)
    else:
        learner = ProtoNets(conv4(shape, filters=8))
    learner.compile(keras.optimizers.Adam(0.01))
    learner.fit(labelled_tasks(blobs["train"], 3, 1, 5, 2), steps_per_epoch=60, verbose=0, shuffle=False)
    result = evaluate(learner, blobs["test"], TaskShape(3, 1, 5), n_tasks=30, seed=0, description="test")
    assert result["accuracy"] - result["ci95"] > 70  # chance is 33


def test_every_learner_is_evaluated_on_the_same_tasks(blobs):
    seen: dict[type, list[float]] = {}

    def recorder(method, network):
        class Recorder(method):  # type: ignore[valid-type]
            def test_step(self, data):
                seen.setdefault(method, []).append(float(tf.reduce_sum(data[0]["query_images"])))
                return super().test_step(data)

        return Recorder(network)

    for method, n_outputs in ((MAML, 3), (ProtoNets, None)):
        learner = recorder(method, conv4(blobs.image_shape, n_outputs, filters=2))
        learner.eval_inner_steps = 1
        learner.compile(run_eagerly=True)
        evaluate(learner, blobs["test"], TaskShape(3, 1, 5), n_tasks=8, seed=5, description="test")
    assert len(seen[MAML]) > 0
    assert seen[MAML] == seen[ProtoNets]


def test_batch_normalization_with_wrong_second_derivatives_is_refused():
    images = keras.Input((4, 4, 1))
    network = keras.Model(images, keras.layers.Flatten()(keras.layers.BatchNormalization()(images)))
    with pytest.raises(ValueError, match=r"whose second derivatives are wrong.*or first_order=True"):
        MAML(network)
    MAML(network, first_order=True)


@pytest.mark.parametrize("method", ["maml", "protonets"])
def test_in_mixed_precision_weights_and_answers_stay_float32(method):
    set_precision("mixed_bfloat16")
    try:
        network = conv4((8, 8, 1), 3 if method == "maml" else None, filters=4, momentum=0.0)
        learner = MAML(network, eval_inner_steps=2) if method == "maml" else ProtoNets(network)
        tasks, labels = random_tasks(shape=(8, 8, 1))
        loss, gradients = meta_gradient(learner, tasks, labels)
        assert network.layers[1].compute_dtype == "bfloat16"
        assert {v.dtype for v in network.trainable_variables} == {"float32"}
        assert {t.dtype for t in (loss, *gradients, learner(tasks), learner.embed(tf.ones((4, 8, 8, 1))))} == {
            tf.float32
        }
    finally:
        set_precision("float32")


def test_statistics_of_the_support_need_a_network_that_keeps_those_of_one_batch():
    with pytest.raises(ValueError, match=r"of momentum 0, not 0\.99: conv4\(\.\.\., momentum=0\.0\)"):
        MAML(conv4((8, 8, 1), 3, filters=2), batch_norm="support")


def test_embedding_leaves_the_weights_alone():
    learner = MAML(conv4((8, 8, 1), 3, filters=2, momentum=0.0))
    before = learner.get_weights()
    assert learner.embed(tf.ones((4, 8, 8, 1))).shape == (4, 2)
    for then, now in zip(before, learner.get_weights(), strict=True):
        np.testing.assert_array_equal(then, now)


@pytest.mark.parametrize(("method", "batch_norm"), [("maml", "transductive"), ("maml", "support"), ("protonets", None)])
def test_the_exported_model_answers_as_the_process_does(tmp_path, method, batch_norm):
    keras.utils.set_random_seed(3)
    shape = (28, 28, 1)  # as large as they come here: 50 steps amplify the last bit of large networks
    if method == "maml":
        learner = MAML(conv4(shape, 3, momentum=0.0), batch_norm=batch_norm)
    else:
        learner = ProtoNets(conv4(shape))
    learner.export(tmp_path / "export")
    exported = tf.saved_model.load(str(tmp_path / "export"))
    for k_shot, n_query in ((1, 2), (4, 5)):
        tasks, _ = random_tasks(1, 3, k_shot, n_query, shape)
        one = [tasks[name][0] for name in ("support_images", "support_labels", "query_images")]
        answer = exported.adapt_and_predict(*one).numpy()
        assert answer.shape == (3 * n_query, 3)
        np.testing.assert_allclose(answer.sum(axis=1), 1.0, rtol=1e-5)
        np.testing.assert_allclose(answer, learner.adapt_and_predict(*one), atol=1e-5)
    images = tf.random.stateless_uniform((6, *shape), (0, 0))
    np.testing.assert_allclose(exported.embed(images), learner.embed(images), atol=1e-5)
    if method == "protonets":
        tasks, _ = random_tasks(1, 7, 1, 1, shape)
        one = [tasks[name][0] for name in ("support_images", "support_labels", "query_images")]
        assert exported.adapt_and_predict(*one).shape == (7, 7)
