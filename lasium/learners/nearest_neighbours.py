"""k nearest neighbours."""

from __future__ import annotations

import numpy as np
from sklearn.neighbors import KNeighborsClassifier


class NearestNeighbours:
    """The votes of the k support images whose features are nearest, each by the inverse of its distance: of equally
    many votes the nearer one counts."""

    def __init__(self, k: int = 1):
        self.k = k

    def probabilities(self, support: np.ndarray, labels: np.ndarray, queries: np.ndarray) -> np.ndarray:
        voting = KNeighborsClassifier(self.k, weights="distance").fit(support, labels)
        return voting.predict_proba(queries)  # (n_queries, n_way)
