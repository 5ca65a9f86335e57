"""Clusters of images, by their features: scikit-learn's k-means, kept in the cache."""

from __future__ import annotations

import hashlib

import numpy as np
import sklearn
from sklearn.cluster import KMeans
from threadpoolctl import threadpool_limits

from ...datasets.cache import cached_arrays

MOST_STEPS = 3000  # as Hsu et al.'s code; k-means stops when nothing changes
STARTS = 10  # where one clustering counts, as the same


def k_means(features: np.ndarray, n_clusters: int, seed: int, starts: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """The cluster of each image, (n,), and the clusters' centres (n_clusters, f).

    features: (n, f). starts: how often it begins anew, of which the best is taken.
    Raises ValueError for fewer different features than clusters, and for features that are not finite.
    """
    chosen = f"{n_clusters} {seed} {starts} {MOST_STEPS} {sklearn.__version__} {features.shape} {features.dtype}"
    digest = hashlib.sha256(chosen.encode() + np.ascontiguousarray(features).tobytes()).hexdigest()[:16]

    def found() -> dict[str, np.ndarray]:
        if n_undefined := int(np.sum(~np.isfinite(features).all(axis=1))):
            raise ValueError(
                f"the embedding makes numbers that are not finite of {n_undefined} of {len(features)} images: take "
                "another"
            )
        _check_different(features, n_clusters)
        with threadpool_limits(1):  # several threads add up in no fixed order: a resumed run could have other clusters
            fitted = KMeans(n_clusters, n_init=starts, max_iter=MOST_STEPS, random_state=seed).fit(features)
        return {"labels": fitted.labels_, "centres": fitted.cluster_centers_}

    arrays = cached_arrays(f"clusters/{n_clusters}-{digest}.npz", found)
    return arrays["labels"], arrays["centres"]


def _check_different(features: np.ndarray, n_clusters: int) -> None:
    different: set[bytes] = set()
    for feature in features:
        different.add(feature.tobytes())
        if len(different) == n_clusters:
            return
    raise ValueError(
        f"n_clusters is {n_clusters}, and the embedding tells only {len(different)} of {len(features)} images apart: "
        "choose fewer, or another embedding"
    )


def check_n_clusters(n_clusters: int, n_images: int) -> None:
    """Raises ValueError for more clusters than images."""
    if n_clusters > n_images:
        raise ValueError(f"n_clusters is {n_clusters}, and there are {n_images} unlabelled images: choose fewer")
