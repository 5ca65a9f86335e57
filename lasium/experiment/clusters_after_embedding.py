"""CACTUs' tasks of a run: its embedding is obtained first, and the unlabelled images are clustered by it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ...models.encoder import features_by
from ...training.stopwatch import Stopwatch
from ..tasks.cactus import ClusterSource, k_means_partitions
from ..tasks.encoding import encode_all
from ..tasks.stream import TaskShape
from .embedding import CLUSTERING_SECONDS_FILE, Embedding


@dataclass(frozen=True)
class ClustersAfterEmbedding:
    """Tasks of clusters of the embedding's images. The cache keeps the partitions, which are a function of the rest."""

    embedding: Embedding
    n_clusters: int
    n_partitions: int
    seed: int

    def obtain(self, folder: Path, shape: TaskShape) -> ClusterSource:
        """The source, in a run's folder. Raises ValueError for clusters too small for tasks of the shape."""
        network, images = self.embedding.obtain(folder), self.embedding.images
        stopwatch = Stopwatch(folder / CLUSTERING_SECONDS_FILE)
        features = encode_all(features_by(network), images, "embedding the unlabelled images")
        partitions = k_means_partitions(features.numpy(), self.n_clusters, self.n_partitions, self.seed)
        stopwatch.save()
        return ClusterSource(images, partitions, shape)
