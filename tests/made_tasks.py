import keras
import numpy as np
import tensorflow as tf

from latentshot.lasium.learners.learner import mean_cross_entropy
from latentshot.models.batch_norm import BatchNormalization


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
