"""The conditional DCGAN: one step against its parts, and that classes come out as they went in."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from latentshot.datasets import load_dataset
from latentshot.glico.classify.conditional_sampling import ConditionalSampler
from latentshot.glico.experiment.build_dcgan import build_dcgan
from latentshot.glico.experiment.build_sample import draw_sample
from latentshot.glico.experiment.config import GlicoConfig
from latentshot.glico.experiment.defaults import resolved
from latentshot.models.conditional_dcgan import ConditionalDCGAN, dcgan_discriminator

SHAPE = (8, 8, 1)


def built(**options):
    keras.utils.set_random_seed(0)
    model = ConditionalDCGAN(2, SHAPE, latent_dim=4, filters=16, **options)
    model.compile()
    return model


def values(variables):
    return [variable.numpy() for variable in variables]


def cross_entropy(logits, real):
    chances = 1 / (1 + np.exp(-logits.numpy().astype(np.float64)))
    return -np.log(chances if real else 1 - chances).mean()


def test_a_step_goes_down_the_loss_of_the_discriminator_and_then_that_of_the_generator():
    model, parts = built(seed=5), built(seed=5)
    images = np.random.default_rng(0).random((6, *SHAPE), dtype=np.float32)
    labels = np.array([0, 1, 1, 0, 1, 0])
    before = values(model.discriminator.trainable_variables)
    losses = model.train_step((tf.constant(images), tf.constant(labels)))

    classes = tf.one_hot(labels, 2)
    latents = tf.random.stateless_normal((6, 4), [5, 0])
    fakes = parts.generator(tf.concat([latents, classes], axis=1), training=True)
    real, fake = (parts.discriminator([tf.constant(each), classes], training=True) for each in (images, fakes))
    assert float(losses["discriminator"]) == pytest.approx(cross_entropy(real, True) + cross_entropy(fake, False), 1e-5)
    # the generator is judged by the discriminator that has just learned
    for variable, value in zip(
        parts.discriminator.trainable_variables, values(model.discriminator.trainable_variables), strict=True
    ):
        variable.assign(value)
    judged = parts.discriminator([fakes, classes], training=True)
    assert float(losses["adversarial"]) == pytest.approx(cross_entropy(judged, True), rel=1e-5)
    moved = [
        np.abs(new - old).max()
        for new, old in zip(values(parts.discriminator.trainable_variables), before, strict=True)
    ]
    assert 0 < max(moved) <= 2.1e-4  # Adam's first step is the learning rate


def test_images_are_of_the_class_that_was_asked_for():
    model = built()
    labels = np.arange(32) % 2
    images = np.where(labels[:, None, None, None] == 1, 0.8, 0.2) + np.zeros((32, *SHAPE))
    data = tf.data.Dataset.from_tensors((images.astype(np.float32), labels)).repeat()
    model.fit(data, steps_per_epoch=300, verbose=0, shuffle=False)
    made = model.generate(tf.constant(labels), tf.constant([0, 1])).numpy().mean(axis=(1, 2, 3))
    assert made[labels == 0].max() < made[labels == 1].min()


def test_images_depend_on_the_seed_and_the_class_alone():
    model, labels = built(), tf.constant([0, 1, 1])
    images = model.generate(labels, tf.constant([3, 4])).numpy()
    assert images.shape == (3, *SHAPE)
    assert 0 <= images.min() <= images.max() <= 1
    np.testing.assert_array_equal(images, model.generate(labels, tf.constant([3, 4])))
    assert (images != model.generate(labels, tf.constant([3, 5])).numpy()).any()
    assert (images[0] != model.generate(tf.constant([1, 1, 1]), tf.constant([3, 4])).numpy()[0]).any()


@pytest.mark.parametrize("wrong", [-1, 2])
def test_a_class_that_there_is_not_is_told(wrong):
    sampler = ConditionalSampler(built(), np.array([0, 1]))
    with pytest.raises(tf.errors.InvalidArgumentError):
        sampler.of_classes(tf.constant([0, wrong]), tf.constant([3, 4]))


def test_images_that_do_not_fit_are_told():
    with pytest.raises(ValueError, match="images of 30x30 do not fit the DCGAN"):
        dcgan_discriminator(2, (30, 30, 1))


def test_it_is_trained_as_long_whether_there_are_images_without_labels_or_not():
    config = resolved(GlicoConfig(compare=("dcgan",), unlabelled=300))
    sample = draw_sample(config, load_dataset("digits", split_by="image"), 3, 0)
    assert len(sample.images) == len(sample.of_labels_alone.images) + 300
    assert build_dcgan(config, sample).schedule == build_dcgan(config, sample.of_labels_alone).schedule
