"""Mixed precision: the losses of float32, and small gradients that survive float16."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import latentshot as ls
from latentshot.lasium.learners.learner import mean_cross_entropy
from latentshot.lasium.tasks.stream import as_tasks
from latentshot.training.precision import set_precision

SHAPE = (16, 16, 1)
N_IMAGES, STEPS = 24, 10
MIXED = ["mixed_bfloat16", "mixed_float16"]


@pytest.fixture(autouse=True)
def float32_afterwards():
    yield
    set_precision("float32")


def images():
    """Three classes of bright squares with noise."""
    rng = np.random.default_rng(0)
    made = 80 * rng.random((N_IMAGES, *SHAPE))
    for number, image in enumerate(made):
        place = 5 * (number % 3)
        image[place : place + 6, place : place + 6] += 150
    return made.astype(np.uint8)


def tasks():
    rng = np.random.default_rng(1)
    noisy = rng.random((2, 3, 1, *SHAPE)) + 0.3 * rng.random((2, 3, 4, *SHAPE))
    return as_tasks(tf.constant(noisy, tf.float32), k_shot=2)


def maml():
    learner = ls.MAML(ls.conv4(SHAPE, 3, filters=8, momentum=0.0), inner_lr=0.1, inner_steps=1)
    learner.compile(keras.optimizers.Adam(0.003))
    learner.optimizer.build(learner.trainable_variables)
    return learner


def protonets():
    learner = ls.ProtoNets(ls.conv4(SHAPE, filters=8))
    learner.compile(keras.optimizers.Adam(0.003))
    learner.optimizer.build(learner.trainable_variables)
    return learner


def vae():
    model = ls.omniglot_vae(SHAPE, latent_dim=4)
    model.compile(keras.optimizers.Adam(0.001))
    return model, ls.image_batches(images(), 8, seed=0), "loss"


def msgan():
    model = ls.omniglot_msgan(SHAPE, latent_dim=4, mode_seeking=0.01)
    model.compile(*[keras.optimizers.Adam(0.0002, beta_1=0.5) for _ in range(2)])
    return model, ls.image_batches(images(), 8, seed=0), "discriminator"


def acai():
    model = ls.acai(SHAPE)
    model.compile(*[keras.optimizers.Adam(0.001) for _ in range(2)])
    return model, ls.image_batches(images(), 8, seed=0), "reconstruction"


def bigan():
    model = ls.bigan(SHAPE, latent_dim=4)
    model.compile(*[keras.optimizers.Adam(0.0002, beta_1=0.5) for _ in range(2)])
    return model, ls.image_batches(images(), 8, seed=0), "discriminator"


def glico():
    labels = np.arange(N_IMAGES, dtype=np.int32) % 3
    loss = ls.LaplacianLoss()
    codes = ls.Codes(ls.random_codes(N_IMAGES, 8), learning_rate=0.01)
    generator = ls.dcgan_generator(8 + 2, SHAPE, filters=8)
    cache = ls.TargetCache(loss, images())
    model = ls.GLICO(codes, generator, ls.weak_cnn(SHAPE, 3), loss, cache, gamma=0.1, noise_dim=2)
    model.compile(keras.optimizers.Adam(0.002))
    return model, ls.labelled_batches(labels, 8, seed=0), "reconstruction"


def last_loss(build, precision):
    keras.utils.set_random_seed(0)
    set_precision(precision)
    model, batches, name = build()
    return model.fit(batches, epochs=4, steps_per_epoch=STEPS, shuffle=False, verbose=0).history[name][-1]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("build", "precisions"),
    [
        (vae, ["mixed_float16"]),
        (msgan, ["mixed_float16"]),
        (glico, ["mixed_float16"]),
        pytest.param(vae, ["mixed_bfloat16"], marks=pytest.mark.soak),
        pytest.param(acai, MIXED, marks=pytest.mark.soak),
        pytest.param(bigan, MIXED, marks=pytest.mark.soak),
        pytest.param(msgan, ["mixed_bfloat16"], marks=pytest.mark.soak),
        pytest.param(glico, ["mixed_bfloat16"], marks=pytest.mark.soak),
    ],
)
def test_the_loss_in_mixed_precision_is_within_a_twentieth_of_float32s(build, precisions):
    expected = last_loss(build, "float32")
    for precision in precisions:
        assert last_loss(build, precision) == pytest.approx(expected, rel=0.05), precision


@pytest.mark.slow
def test_a_task_traced_for_all_has_in_float16_the_scaled_gradients_of_tasks_in_one_graph():
    set_precision("mixed_float16")
    keras.utils.set_random_seed(0)
    learner = maml()
    learner.optimizer.dynamic_scale.assign(256.0)
    assert learner.traces_one_task
    ours, theirs = (
        np.concatenate([np.ravel(gradient) for gradient in gradients(*tasks())[1]])
        for gradients in (learner._logits_and_gradients, super(ls.MAML, learner)._logits_and_gradients)
    )
    assert np.linalg.norm(theirs) > 100.0  # scaled
    assert np.linalg.norm(ours - theirs) < 0.02 * np.linalg.norm(theirs)


@pytest.mark.parametrize("build", [maml, protonets])
def test_the_loss_and_the_meta_gradient_in_mixed_precision_are_float32s(build):
    x, y = tasks()

    def first(precision):
        set_precision(precision)
        keras.utils.set_random_seed(0)
        learner = build()
        if precision == "mixed_float16":
            learner.optimizer.dynamic_scale.assign(256.0)  # where it settles after its first steps have overflowed
        with tf.GradientTape() as tape:
            loss = mean_cross_entropy(y, learner(x, training=True))
            scaled = learner.optimizer.scale_loss(loss)
        gradients = tape.gradient(scaled, learner.trainable_variables)
        return float(loss), np.concatenate([np.ravel(g) for g in gradients]) / float(learner.optimizer.scale_loss(1.0))

    loss, gradient = first("float32")
    for precision in MIXED:
        ours, theirs = first(precision)
        assert ours == pytest.approx(loss, rel=0.05), precision
        cosine = theirs @ gradient / (np.linalg.norm(theirs) * np.linalg.norm(gradient))
        assert cosine > 0.98, precision


def test_small_gradients_of_the_inner_loop_survive_float16():
    x, _ = tasks()
    support = x["support_images"][0], x["support_labels"][0]

    def moved(precision, scaled=True):
        """By how much one inner step changes the first kernel, to which a faint head hands back small gradients."""
        set_precision(precision)
        keras.utils.set_random_seed(0)
        network = ls.conv4(SHAPE, 3, filters=8, momentum=0.0)
        head = network.trainable_variables[-2]
        head.assign(head * 1e-6)
        learner = ls.MAML(network, inner_lr=1.0, inner_steps=1)
        if not scaled:
            learner.inner_loss_scale = 1.0
        return (learner.adapt(*support)[0] - network.trainable_variables[0]).numpy()

    expected = moved("float32")
    size = np.linalg.norm(expected)
    assert np.linalg.norm(moved("mixed_float16") - expected) < 0.1 * size
    assert np.linalg.norm(moved("mixed_float16", scaled=False) - expected) > 0.5 * size


def test_codes_stay_where_they_are_when_a_step_overflows_float16():
    set_precision("mixed_float16")
    keras.utils.set_random_seed(0)
    model, batches, _ = glico()
    model.optimizer.dynamic_scale.assign(1e30)
    codes, kernel = model.codes.table.numpy(), model.generator.trainable_variables[0].numpy()
    model.fit(batches, steps_per_epoch=1, shuffle=False, verbose=0)
    np.testing.assert_array_equal(model.codes.table.numpy(), codes)
    np.testing.assert_array_equal(model.generator.trainable_variables[0].numpy(), kernel)
    assert float(model.optimizer.dynamic_scale.value) == pytest.approx(5e29)
