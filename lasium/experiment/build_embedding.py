"""The embedding that a configuration names: one to be trained, one of TF-Hub or Keras, a saved model, or a run's
learner."""

from __future__ import annotations

from pathlib import Path

import keras

from ...datasets import Dataset
from ...datasets.unlabelled import image_batches
from ...experiment.run_directory import RunDirectory
from ...models.applications import application
from ...models.encoder import encoder_of, load_encoder
from ...training.moving_statistics import recompute_moving_statistics
from ...training.precision import precision
from ..learners.maml import MAML
from ..learners.protonets import ProtoNets
from ..tasks.cactus import check_clusters
from ..tasks.clusters import check_n_clusters
from .build_deepcluster import build_deepcluster
from .build_generator import build_gate, build_generator_training
from .build_tasks import train_shape
from .config import MetaConfig
from .embedding import FILE, Embedding, embedding_module
from .generator_config import is_module
from .load_learner import load_learner
from .presets import EMBEDDINGS

STATISTICS_BATCHES, STATISTICS_BATCH_SIZE = 20, 128


def build_embedding(config: MetaConfig, dataset: Dataset, folder: Path) -> Embedding:
    """folder: of the run, which may hold a copy. Raises ValueError for what does not encode the dataset's images."""
    assert config.embedding is not None, "check the config first"
    name, shape, images = config.embedding, dataset.image_shape, dataset.unlabelled
    if config.learner == "cluster-matching":
        check_n_clusters(config.n_clusters, len(images))
    if config.has_tasks_of_clusters:
        check_clusters(config.n_clusters, len(images), train_shape(config))
    if name == "deepcluster":
        clustering = build_deepcluster(config, dataset)
        return Embedding(name, clustering.made, images, clustering, clustering.show)
    if name in EMBEDDINGS:
        training = build_generator_training(config, dataset)
        network = training.encoder_in(training.model)
        return Embedding(name, network, images, training, build_gate(config, dataset).tell)
    if is_module(name):
        module = embedding_module(config, shape)
        return Embedding(name, encoder_of(module, shape, name), images, of_module=module.fingerprint)
    if (folder / FILE).exists():
        return Embedding(name, load_encoder(folder / FILE, shape), images)
    if config.embeds_by_network:
        network = application(name, shape, config.weights or "imagenet", config.network_side, config.pooling)
        return Embedding(name, network, images)
    if Path(name).is_dir():
        return Embedding(name, _of_run(Path(name), dataset), images)
    return Embedding(name, load_encoder(Path(name), shape), images)


def _of_run(run: Path, dataset: Dataset) -> keras.Model:
    """The features of the run's learner, of length 1 where it compares them by their cosines.

    Raises ValueError for a run that has not finished, and for one of other images.
    """
    RunDirectory(run).finished_results()
    with precision(keras.config.dtype_policy().name):  # the run's own may be another
        return _encoder_of_run(run, dataset)


def _encoder_of_run(run: Path, dataset: Dataset) -> keras.Model:
    shape = dataset.shape_in_words
    if (trained_on := RunDirectory(run).data().get("image_shape", shape)) != shape:
        raise ValueError(f"the embedding {run} was trained on images of {trained_on}, and these are {shape}")
    learner = load_learner(run, dataset.image_shape)
    if not isinstance(learner, MAML):
        network = learner.network
        cosine = isinstance(learner, ProtoNets) and learner.similarity == "cosine"
        features = keras.layers.UnitNormalization(dtype="float32")(network.output) if cosine else network.output
        return encoder_of(keras.Model(network.inputs, features), dataset.image_shape, str(run))
    body = keras.Model(learner.network.input, learner.network.layers[-1].input)
    encoder = encoder_of(body, dataset.image_shape, str(run))
    # MAML's batch normalization knows only the batch that it sees; an image's features must not depend on others
    batches = image_batches(dataset.unlabelled, min(STATISTICS_BATCH_SIZE, len(dataset.unlabelled)), 0)
    take = batches.take(STATISTICS_BATCHES)
    recompute_moving_statistics(body.layers, lambda batch, number: body(batch, training=True), take)
    return encoder
