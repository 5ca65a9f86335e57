"""What a GPU needs of a step, seen without one: no work on the host, and no shape that changes."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import latentshot as ls
from latentshot.datasets.gathering import image_reader
from latentshot.training.precision import set_precision

SHAPE = (16, 16, 1)
IMAGES = np.random.default_rng(0).integers(0, 256, (12, *SHAPE), np.uint8)
LABELS = np.arange(12, dtype=np.int32) % 3


def tasks():
    vae = ls.omniglot_vae(SHAPE, latent_dim=2)
    return ls.synthetic_tasks(vae, ls.RandomOutOfClass(), 3, 1, 2, 2, images=IMAGES, epsilon=0.0)


def maml():
    return ls.MAML(ls.conv4(SHAPE, 3, filters=2, momentum=0.0), inner_lr=0.1, inner_steps=1), tasks(), 1


def maml_with_pooling():
    network = ls.conv4(SHAPE, 3, filters=2, downsampling="max_pool", momentum=0.0)
    return ls.MAML(network, inner_lr=0.1, inner_steps=1), tasks(), 1


def protonets():
    return ls.ProtoNets(ls.conv4(SHAPE, filters=2), "cosine", alternate_support=True), tasks(), 1


def vae():
    return ls.omniglot_vae(SHAPE, latent_dim=2), ls.image_batches(IMAGES, 4, seed=0), 1


def larger_vae():
    return ls.celeba_vae((32, 32, 1), latent_dim=2), ls.image_batches(IMAGES.repeat(2, 1).repeat(2, 2), 4, seed=0), 1


def msgan():
    return ls.omniglot_msgan(SHAPE, latent_dim=2, mode_seeking=0.01), ls.image_batches(IMAGES, 4, seed=0), 2


def acai():
    return ls.acai(SHAPE), ls.image_batches(IMAGES, 4, seed=0), 2


def bigan():
    return ls.bigan(SHAPE, latent_dim=2), ls.image_batches(IMAGES, 4, seed=0), 2


def deepcluster():
    model = ls.DeepCluster(ls.deepcluster_encoder(SHAPE), image_reader(IMAGES), len(IMAGES), n_clusters=3)
    return model, tf.data.Dataset.range(len(IMAGES)).repeat().batch(4, drop_remainder=True), 1


def conditional_dcgan():
    model = ls.ConditionalDCGAN(3, SHAPE, latent_dim=2, filters=2)
    return model, tf.data.Dataset.zip(ls.image_batches(IMAGES, 4, seed=0), labels(4)), 0  # it brings its optimizers


def labels(batch_size):
    return tf.data.Dataset.from_tensor_slices(LABELS).repeat().batch(batch_size, drop_remainder=True)


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


EVERYTHING = [
    maml,
    maml_with_pooling,
    protonets,
    vae,
    larger_vae,
    msgan,
    acai,
    bigan,
    deepcluster,
    conditional_dcgan,
    glico,
    classifier,
]


def compiled(build, precision="mixed_float16", **options):
    """The compiled model and its batches."""
    set_precision(precision)
    keras.utils.set_random_seed(0)
    model, batches, n_optimizers = build()
    model.compile(*(keras.optimizers.Adam(0.001) for _ in range(n_optimizers)), **options)
    if not model.optimizer.built:
        model.optimizer.build(model.trainable_variables)
    return model, batches


@pytest.mark.slow
@pytest.mark.parametrize("build", EVERYTHING)
def test_a_step_calls_no_python_and_its_batches_have_one_shape(monkeypatch, build):
    monkeypatch.setattr(ls.MAML, "traces_one_task", False)  # as where there is a GPU
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


@pytest.mark.soak  # compiling takes minutes
@pytest.mark.parametrize("build", EVERYTHING)
def test_a_step_is_compiled_once_by_xla(build):
    # XLA has the second derivative of max-pooling, which MAML needs, in float32 alone:
    # https://github.com/tensorflow/tensorflow/blob/master/tensorflow/compiler/tf2xla/kernels/pooling_ops.cc
    precision = "float32" if build is maml_with_pooling else "mixed_float16"
    model, batches = compiled(build, precision, jit_compile=True)
    step = tf.function(model.train_step, jit_compile=True)
    for batch in batches.take(2):
        logs = step(batch)
    assert all(np.isfinite(value) for value in logs.values()), logs
    assert step.experimental_get_tracing_count() == 1
