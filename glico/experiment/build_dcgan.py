"""The conditional DCGAN that a configuration describes, trained on the labelled images that GLICO has (figure 1)."""

from __future__ import annotations

from functools import partial

import tensorflow as tf

from ...datasets.labelled_batches import labelled_batches
from ...models.conditional_dcgan import ConditionalDCGAN
from ...training.determinism import seed_everything
from .build_generative import generator_batch_size, generator_schedule
from .config import GlicoConfig
from .generative_training import GenerativeTraining
from .sample import Sample


def build_dcgan(config: GlicoConfig, sample: Sample) -> GenerativeTraining:
    """The compiled model with fresh weights, a function of the sample's seed, and how it is trained.

    As long as GLICO is on the labelled images, which are all that it sees.
    """
    seed_everything(sample.seed)
    dataset = sample.dataset
    model = ConditionalDCGAN(dataset.n_classes, dataset.image_shape, config.latent_dim, seed=sample.seed)
    model.compile()
    labelled = sample.of_labels_alone
    size = generator_batch_size(config, sample)
    return GenerativeTraining(
        "dcgan",
        model,
        labelled,
        generator_schedule(config, labelled),
        partial(image_batches, labelled, size),
        {"latent_dim": config.latent_dim, "batch_size": size, "precision": config.precision},
        description=f"DCGAN on {sample.n_labelled} images",
    )


def image_batches(sample: Sample, size: int, start: int) -> tf.data.Dataset:
    """Batches of labelled images, float32 in [0, 1], (size, height, width, channels), and labels (size,)."""
    images = tf.constant(sample.labelled.images)
    batches = labelled_batches(sample.labelled.labels, size, sample.seed, start)
    return batches.map(lambda b: (tf.cast(tf.gather(images, b["index"]), tf.float32) / 255.0, b["label"])).prefetch(2)
