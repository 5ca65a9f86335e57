import keras
import numpy as np
import pytest
import tensorflow as tf
from made_tasks import meta_gradient, random_tasks, small_network

from latentshot.lasium.experiment import evaluation
from latentshot.lasium.experiment.evaluation import evaluate
from latentshot.lasium.learners.calibration import Calibration
from latentshot.lasium.learners.learner import FewShotLearner
from latentshot.lasium.learners.maml import MAML
from latentshot.lasium.learners.protonets import ProtoNets
from latentshot.lasium.tasks.labelled import labelled_tasks
from latentshot.lasium.tasks.stream import TaskShape
from latentshot.models.conv4 import conv4
from latentshot.training.precision import set_precision


def test_fit_learns_in_float64_too(float64):
    learner = MAML(small_network(), inner_steps=1)
    learner.compile(keras.optimizers.SGD(0.1))
    tasks, labels = random_tasks(dtype="float64")
    before = learner.network.get_weights()[0]
    learner.fit(tf.data.Dataset.from_tensors((tasks, labels)), shuffle=False, verbose=0)
    assert not np.array_equal(before, learner.network.get_weights()[0])


@pytest.mark.parametrize("dtype", [tf.int32, tf.int64])
def test_labels_are_integers_that_count_from_zero(dtype):
    learner = ProtoNets(conv4((8, 8, 1), filters=4))
    images = tf.random.stateless_uniform((4, 8, 8, 1), (0, 0))
    assert learner.adapt_and_predict(images[:3], tf.constant([0, 1, 2], dtype), images[3:]).shape == (1, 3)
    with pytest.raises(tf.errors.InvalidArgumentError, match="labels count from 0"):
        learner.adapt_and_predict(images[:3], tf.constant([0, -1, 1], dtype), images[3:])


@pytest.mark.parametrize("downsampling", ["stride", "max_pool"])
def test_conv4_has_the_features_of_the_paper(downsampling):
    network = conv4((28, 28, 1), downsampling=downsampling)
    assert network.output_shape == (None, 256 if downsampling == "stride" else 64)
    assert conv4((28, 28, 1), 5, downsampling=downsampling).output_shape == (None, 5)
    # 9 * 64, three times 9 * 64 * 64, and a scale and an offset a filter, which is its bias: by hand
    assert sum(np.prod(v.shape) for v in network.trainable_variables) == 576 + 3 * 36_864 + 4 * 128


def test_conv4_s_kernels_are_as_large_as_their_inputs_alone_say():
    keras.utils.set_random_seed(0)
    first, *others = (v.numpy() for v in conv4((28, 28, 1)).trainable_variables if len(v.shape) == 4)
    assert first.std() == pytest.approx(9**-0.5, rel=0.1)  # LeCun's; Glorot's would be 0.06
    assert others[0].std() == pytest.approx((9 * 64) ** -0.5, rel=0.02)


@pytest.mark.parametrize("method", [pytest.param("maml", marks=pytest.mark.slow), "protonets"])
def test_meta_training_beats_chance_on_classes_never_seen(blobs, method):
    keras.utils.set_random_seed(0)
    shape = blobs.image_shape
    if method == "maml":
        learner = MAML(conv4(shape, 3, filters=8, momentum=0.0), inner_lr=0.1, inner_steps=1, eval_inner_steps=3)
    else:
        learner = ProtoNets(conv4(shape, filters=8))
    learner.compile(keras.optimizers.Adam(0.01))
    learner.fit(labelled_tasks(blobs["train"], 3, 1, 5, 2), steps_per_epoch=60, verbose=0, shuffle=False)
    result, right = evaluate(learner, blobs["test"], TaskShape(3, 1, 5), n_tasks=30, seed=0, description="test")
    assert result["accuracy"] - result["ci95"] > 70  # chance is 33
    tasks = labelled_tasks(blobs["test"], 3, 1, 5, 1, seed=0, n_tasks=30)
    each = [int(tf.reduce_sum(tf.cast(tf.argmax(learner(x), -1, y.dtype) == y, tf.int32))) for x, y in tasks]
    assert right.tolist() == each  # in the tasks' order
    assert result["accuracy"] == pytest.approx(100 * np.mean(each) / 15)


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


def test_a_learner_of_ones_own_needs_only_call(tmp_path):
    class Mirror(FewShotLearner):
        """The logits are the first pixels of the support, whatever is asked."""

        def call(self, tasks, training=False):
            first = tasks["support_images"][:, None, :, 0, 0, 0]  # (tasks, 1, support)
            return tf.repeat(first, tf.shape(tasks["query_images"])[1], axis=1)

        def embed(self, images):
            return images[:, 0, 0]

    learner = Mirror(conv4((8, 8, 1), filters=2))
    images = tf.random.stateless_uniform((5, 8, 8, 1), (0, 0))
    learner.export(tmp_path / "export")
    exported = tf.saved_model.load(str(tmp_path / "export"))
    expected = tf.repeat(tf.nn.softmax(images[:3, 0, 0, 0])[None], 2, axis=0)
    np.testing.assert_allclose(learner.adapt_and_predict(images[:3], [0, 1, 2], images[3:]), expected, atol=1e-6)
    state = exported.adapt(images[:3], tf.range(3))
    np.testing.assert_allclose(exported.predict(state, images[3:]), expected, atol=1e-6)


def test_embedding_leaves_the_weights_alone():
    learner = MAML(conv4((8, 8, 1), 3, filters=2, momentum=0.0))
    before = learner.get_weights()
    assert learner.embed(tf.ones((4, 8, 8, 1))).shape == (4, 2)
    for then, now in zip(before, learner.get_weights(), strict=True):
        np.testing.assert_array_equal(then, now)


@pytest.mark.parametrize(
    ("method", "batch_norm"),
    [("maml", "transductive"), pytest.param("maml", "support", marks=pytest.mark.slow), ("protonets", None)],
)
def test_the_exported_model_answers_as_the_process_does(tmp_path, method, batch_norm):
    keras.utils.set_random_seed(3)
    shape = (28, 28, 1)  # as large as they come here: 50 steps amplify the last bit of large networks
    if method == "maml":
        learner = MAML(conv4(shape, 3, momentum=0.0), batch_norm=batch_norm)
    else:
        learner = ProtoNets(conv4(shape))
    learner.calibrate([Calibration(1, 2.0, float("-inf")), Calibration(5, 0.5, float("inf"))])
    learner.export(tmp_path / "export")
    exported = tf.saved_model.load(str(tmp_path / "export"))
    for k_shot, n_query in ((1, 2), (4, 5)):
        tasks, _ = random_tasks(1, 3, k_shot, n_query, shape)
        one = [tasks[name][0] for name in ("support_images", "support_labels", "query_images")]
        answer = exported.adapt_and_predict(*one).numpy()
        assert answer.shape == (3 * n_query, 3)
        np.testing.assert_allclose(answer.sum(axis=1), 1.0, rtol=1e-5)
        np.testing.assert_allclose(answer, learner.adapt_and_predict(*one), atol=1e-5)
        state = exported.adapt(*one[:2])
        np.testing.assert_allclose(exported.predict(state, one[2]), answer, atol=1e-6)
        assert float(state["temperature"]) == {1: 2.0, 4: 0.5}[k_shot]  # 4 is nearer to 5
        said = exported.answer(state, one[2])
        np.testing.assert_allclose(said["probabilities"], answer, atol=1e-6)
        assert said["none_of_these"].numpy().tolist() == [k_shot == 4] * len(answer)
    images = tf.random.stateless_uniform((6, *shape), (0, 0))
    np.testing.assert_allclose(exported.embed(images), learner.embed(images), atol=1e-5)
    if method == "protonets":
        tasks, _ = random_tasks(1, 7, 1, 1, shape)
        one = [tasks[name][0] for name in ("support_images", "support_labels", "query_images")]
        assert exported.adapt_and_predict(*one).shape == (7, 7)


@pytest.mark.parametrize("similarity", ["euclidean", "cosine"])
def test_protonets_are_the_same_evaluated_on_features_that_are_computed_once(blobs, similarity, monkeypatch):
    keras.utils.set_random_seed(0)
    learner = ProtoNets(conv4(blobs.image_shape, filters=8), similarity)
    learner.compile()
    many = {"split": blobs["test"], "shape": TaskShape(3, 2, 5), "n_tasks": 24, "seed": 0, "description": "test"}
    embedded, _ = evaluate(learner, **many)
    monkeypatch.setattr(evaluation, "_shows_images_often", lambda *_: False)
    assert evaluate(learner, **many)[0] == pytest.approx(embedded, abs=0.3)  # a near tie in 360 may fall the other way
