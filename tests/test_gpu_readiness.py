"""What a GPU needs of a step, seen without one: no work on the host, and no shape that changes."""

import os

import keras
import numpy as np
import pytest
import tensorflow as tf

import latentshot as ls
from latentshot.lasium.tasks.stream import as_tasks
from latentshot.training.precision import set_precision

SHAPE = (16, 16, 1)
IMAGES = np.random.default_rng(0).integers(0, 256, (12, *SHAPE), np.uint8)
LABELS = np.arange(12, dtype=np.int32) % 3


def tasks():
    noisy = np.random.default_rng(1).random((2, 3, 3, *SHAPE))
    return tf.data.Dataset.from_tensors(as_tasks(tf.constant(noisy, tf.float32), k_shot=1)).repeat()


def maml():
    return ls.MAML(ls.conv4(SHAPE, 3, filters=2, momentum=0.0), inner_lr=0.1, inner_steps=1), tasks(), 1


def protonets():
    return ls.ProtoNets(ls.conv4(SHAPE, filters=2), "cosine", alternate_support=True), tasks(), 1


def vae():
    return ls.omniglot_vae(SHAPE, latent_dim=2), ls.image_batches(IMAGES, 4, seed=0), 1


def msgan():
    return ls.omniglot_msgan(SHAPE, latent_dim=2, mode_seeking=0.01), ls.image_batches(IMAGES, 4, seed=0), 2


def acai():
    return ls.acai(SHAPE), ls.image_batches(IMAGES, 4, seed=0), 2


def bigan():
    return ls.bigan(SHAPE, latent_dim=2), ls.image_batches(IMAGES, 4, seed=0), 2


def glico():
    loss = ls.LaplacianLoss()
    codes = ls.Codes(ls.random_codes(len(IMAGES), 4), learning_rate=0.01)
    generator = ls.dcgan_generator(4 + 2, SHAPE, filters=2)
    model = ls.GLICO(
        codes, generator, ls.weak_cnn(SHAPE, 3), loss, ls.TargetCache(loss, IMAGES), gamma=0.1, noise_dim=2
    )
    return model, ls.labelled_batches(LABELS, 4, seed=0), 1


def classifier():
    model = ls.MixedClassifier(ls.weak_cnn(SHAPE, 3), IMAGES, keras.layers.RandomFlip(seed=0), weight_decay=0.1)
    return model, ls.labelled_batches(LABELS, 4, seed=0), 1


EVERYTHING = [maml, protonets, vae, msgan, acai, bigan, glico, classifier]


def compiled(build, **options):
    """The compiled model and its batches, in float16."""
    set_precision("mixed_float16")
    keras.utils.set_random_seed(0)
    model, batches, n_optimizers = build()
    model.compile(*(keras.optimizers.Adam(0.001) for _ in range(n_optimizers)), **options)
    if not model.optimizer.built:
        model.optimizer.build(model.trainable_variables)
    return model, batches


@pytest.mark.parametrize("build", EVERYTHING)
def test_a_step_calls_no_python_and_its_batches_have_one_shape(build):
    model, batches = compiled(build, jit_compile=False)
    assert all(part.shape.is_fully_defined() for part in tf.nest.flatten(batches.element_spec))
    graph = tf.function(model.train_step).get_concrete_function(batches.element_spec).graph
    operations = list(_operations(graph))
    assert len(operations) > 100
    assert [operation.name for operation in operations if "PyFunc" in operation.type] == []


def _operations(graph):
    """Of the graph, and of the functions that it calls."""
    yield from graph.get_operations()
    for function in graph._functions.values():
        yield from function.graph.get_operations()


@pytest.mark.skipif("EVERY_COMPILATION" not in os.environ, reason="compiling takes minutes: make soak does it")
@pytest.mark.parametrize("build", EVERYTHING)
def test_a_step_is_compiled_once_by_xla(build):
    model, batches = compiled(build, jit_compile=True)
    step = tf.function(model.train_step, jit_compile=True)
    for batch in batches.take(2):
        logs = step(batch)
    assert all(np.isfinite(value) for value in logs.values()), logs
    assert step.experimental_get_tracing_count() == 1
