"""The learner that a configuration names, compiled, with fresh weights."""

from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np

from ...models.applications import application, keep_statistics
from ...models.conv4 import conv4
from ...training.determinism import seed_everything
from ..learners.cluster_matching import ClusterMatching
from ..learners.learner import FewShotLearner
from ..learners.linear import LinearClassifier
from ..learners.maml import MAML
from ..learners.mlp import MLPClassifier
from ..learners.nearest_neighbours import NearestNeighbours
from ..learners.on_embedding import OnEmbedding, TaskClassifier
from ..learners.protonets import ProtoNets
from .config import MetaConfig


def build_learner(config: MetaConfig, image_shape: tuple[int, int, int]) -> FewShotLearner:
    """The compiled learner with fresh weights, a function of the seed."""
    seed_everything(config.seed)
    learner: FewShotLearner
    if config.learner == "protonets":
        network = _features(config, image_shape)
        learner = ProtoNets(network, config.similarity, config.temperature, config.alternate_support)
    else:  # maml, and scratch, which is maml without its training
        network = conv4(image_shape, config.n_way, config.filters, config.downsampling, momentum=0.0)
        learner = MAML(
            network,
            config.inner_lr,
            config.inner_steps,
            config.eval_inner_steps,
            config.first_order,
            config.batch_norm,
        )
    learner.compile(keras.optimizers.Adam(_learning_rate(config)))
    return learner


def build_classifier(config: MetaConfig, network: keras.Model, centres: np.ndarray | None = None) -> OnEmbedding:
    """The compiled learner on the network of an embedding. centres: of its clusters, where they are known."""
    kinds: dict[str, Callable[[], TaskClassifier]] = {
        "knn": lambda: NearestNeighbours(config.knn_k),
        "linear": lambda: LinearClassifier(config.linear_c),
        "mlp": lambda: MLPClassifier(config.mlp_units, config.mlp_dropout, config.mlp_steps, config.seed),
        "cluster-matching": lambda: ClusterMatching(config.n_clusters, config.seed, centres),
    }
    learner = OnEmbedding(network, kinds[config.learner]())
    learner.compile()
    return learner


def _features(config: MetaConfig, image_shape: tuple[int, int, int]) -> keras.Model:
    """The network of ProtoNets, from images to features."""
    if config.network == "conv4":
        return conv4(image_shape, None, config.filters, config.downsampling)
    network = application(config.network, image_shape, config.weights, config.network_side)
    if config.weights:
        keep_statistics(network)
    return network


def _learning_rate(config: MetaConfig) -> float | keras.optimizers.schedules.LearningRateSchedule:
    if config.meta_lr_schedule == "constant" or not config.iterations:
        return config.meta_lr
    return keras.optimizers.schedules.CosineDecay(config.meta_lr, config.iterations)
