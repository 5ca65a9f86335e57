"""Cluster matching: clusters of unlabelled images, named by the support.

Hsu et al. 2019, https://arxiv.org/abs/1810.02334, section 4. Of equal votes their code
takes the lowest label.
"""

from __future__ import annotations

import numpy as np
from scipy.special import softmax
from sklearn.metrics import pairwise_distances, pairwise_distances_argmin


class ClusterMatching:
    """A cluster has the label of most support images in it, and a query that of the nearest cluster with one.

    n_clusters, seed: of the k-means that finds them. centres: theirs, (n_clusters, f); None until they are found.
    """

    def __init__(self, n_clusters: int = 500, seed: int = 0, centres: np.ndarray | None = None):
        self.n_clusters, self.seed, self.centres = n_clusters, seed, centres

    def probabilities(self, support: np.ndarray, labels: np.ndarray, queries: np.ndarray) -> np.ndarray:
        """The softmax of minus the squared distances to each class's nearest cluster, 0 for a class without one.

        Raises ValueError before the clusters are found.
        """
        if self.centres is None:
            raise ValueError("there are no clusters yet: give ClusterMatching the centres that k_means finds")
        clusters = pairwise_distances_argmin(support, self.centres)  # (n_support,)
        named = np.unique(clusters)
        votes = np.zeros((len(named), labels.max() + 1))
        np.add.at(votes, (np.searchsorted(named, clusters), labels), 1)
        names = votes.argmax(axis=1)  # (named,)
        distances = pairwise_distances(queries, self.centres[named], metric="sqeuclidean")  # (n_queries, named)
        logits = np.full((len(queries), votes.shape[1]), -np.inf)
        for name in np.unique(names):
            logits[:, name] = -distances[:, names == name].min(axis=1)
        return softmax(logits, axis=1)
