"""The embedding of a run: features of images, by a network that is there or one that is trained first."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np

from ...datasets.image_store import Images
from ...models.encoder import encoder_of, features_by, load_encoder
from ...models.hub import HubGenerator
from ...training.files import whole_file
from ...training.stopwatch import Stopwatch
from ..learners.cluster_matching import ClusterMatching
from ..learners.on_embedding import OnEmbedding
from ..tasks.clusters import STARTS, k_means
from ..tasks.encoding import Latents, encode_all
from .build_generator import fitting_generator, pretrained_generator
from .config import MetaConfig
from .generator_config import is_module
from .generator_gate import sample_of
from .generator_training import GeneratorTraining

FILE = "embedding.keras"
CENTRES_FILE = "clusters.npz"
CLUSTERING_SECONDS_FILE = "clustering-seconds.json"
N_CHECKED = 64  # images


@dataclass(frozen=True)
class Embedding:
    """network: images to features, of a `training` that is still to come with fresh weights. images: the unlabelled.

    show: leaves pictures of what was trained in the run's folder. of_module: the fingerprint of a module of TF-Hub,
    which cannot be kept in a file of the run; None for other networks.
    """

    name: str
    network: keras.Model
    images: Images
    training: GeneratorTraining | None = None
    show: Callable[[Any, Path], object] | None = None
    of_module: str | None = None

    @property
    def fingerprint(self) -> str:
        """Sixteen digits of the weights of a network that is there."""
        if self.of_module:
            return self.of_module
        digest = hashlib.sha256()
        for weight in self.network.get_weights():
            digest.update(np.ascontiguousarray(weight).tobytes())
        return digest.hexdigest()[:16]

    def obtain(self, folder: Path) -> keras.Model:
        """The network, trained first in the run's folder where it must be; the run keeps a copy.

        Raises ValueError where it makes numbers that are not finite.
        """
        network = self.network
        if self.training and self.show:
            trained = self.training.obtain(folder)
            self.show(trained, folder)
            network = self.training.encoder_in(trained)
        if not np.isfinite(features_by(network)(sample_of(self.images, N_CHECKED))).all():
            raise ValueError(f"the embedding {self.name} makes numbers that are not finite of images: take another")
        if not self.of_module and not (folder / FILE).exists():
            with whole_file(folder / FILE) as part:
                network.save(part)
        return network

    def fitted(self, learner: OnEmbedding, folder: Path) -> OnEmbedding:
        """The learner on the network, with clusters where it needs them. folder: of the run."""
        learner = learner.with_network(self.obtain(folder))
        classifier = learner.classifier
        if isinstance(classifier, ClusterMatching):
            stopwatch = Stopwatch(folder / CLUSTERING_SECONDS_FILE)
            features = encode_all(learner.embed, self.images, "embedding the unlabelled images").numpy()
            _, classifier.centres = k_means(features, classifier.n_clusters, classifier.seed, STARTS)
            with whole_file(folder / CENTRES_FILE) as part, part.open("wb") as file:
                np.savez(file, centres=classifier.centres)
            stopwatch.save()
        return learner

    def times(self, folder: Path) -> dict[str, float | None]:
        """Seconds by part of what `fitted` did in a run's folder, over its sessions; None for one that was found."""
        parts = {"embedding": self.training.seconds(folder)} if self.training else {}
        clustering = folder / CLUSTERING_SECONDS_FILE
        return {**parts, **({"clustering": Stopwatch(clustering).before} if clustering.exists() else {})}


def run_encoder(config: MetaConfig, folder: Path, image_shape: tuple[int, int, int]) -> keras.Model:
    """The embedding of a finished run."""
    if config.embedding and is_module(config.embedding):
        return encoder_of(embedding_module(config, image_shape), image_shape, config.embedding)
    return load_encoder(folder / FILE, image_shape)


def embedding_module(config: MetaConfig, image_shape: tuple[int, int, int]) -> HubGenerator:
    """The module of TF-Hub that the embedding names. Raises ValueError for one of images with other channels."""
    try:
        module = fitting_generator(pretrained_generator(config), config, image_shape)
    except ValueError as error:
        raise ValueError(f"the embedding {config.embedding}: {error}") from error
    assert isinstance(module, HubGenerator), "is_module says so"
    return module


def latents_of_run(folder: Path, image_shape: tuple[int, int, int]) -> Latents | None:
    """By the run's own copy of its embedding; None where it has none. Raises ValueError for a damaged one."""
    if not (folder / FILE).exists():
        return None
    return Latents(features_by(load_encoder(folder / FILE, image_shape)))


def load_centres(folder: Path) -> np.ndarray | None:
    """Of the clusters of a finished run, (n_clusters, f); None where it has none."""
    if not (folder / CENTRES_FILE).exists():
        return None
    with np.load(folder / CENTRES_FILE) as stored:
        return stored["centres"]
