"""How far generated images are from real ones, by the features of a network: Frechet and kernel distance.

Neither says anything without the name of the network: only with the features of InceptionV3 are they the FID and KID
of the articles.
"""

from __future__ import annotations

import numpy as np
from scipy import linalg
from sklearn.metrics.pairwise import polynomial_kernel

ROWS = 1000  # of a kernel that are computed at a time


def frechet_distance(features: np.ndarray, others: np.ndarray) -> float:
    """Squared Frechet distance of two Gaussians with the means and covariances of features (n, d) and others (m, d).

    |mu - nu|^2 + tr(S + R - 2 (S R)^(1/2)), at least 0, in squared units of the features. With few images it comes out
    too large, the more so the fewer they are: compare sets of equal sizes.
    Heusel et al. 2017, https://arxiv.org/abs/1706.08500, equation 6. The squared `bures_wasserstein_distance` of POT
    0.9.7 (https://pythonot.github.io) is the same, but nan where there are fewer images than features.
    Raises ValueError for features that are not finite, of different widths, or of fewer than two images.
    """
    features, others = _checked(features, others)
    covariance, other = (np.atleast_2d(np.cov(each, rowvar=False)) for each in (features, others))  # (d, d)
    # S R has the eigenvalues of S^(1/2) R S^(1/2), which is symmetric: fewer images than features do no harm
    values, vectors = linalg.eigh(covariance)
    root = (vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T
    common = np.sqrt(np.maximum(linalg.eigvalsh(root @ other @ root), 0.0)).sum()
    between = np.square(features.mean(axis=0) - others.mean(axis=0)).sum()
    return max(0.0, float(between + np.trace(covariance) + np.trace(other) - 2.0 * common))


def kernel_distance(features: np.ndarray, others: np.ndarray) -> float:
    """Squared maximum mean discrepancy of features (n, d) and others (m, d) under the kernel (x y / d + 1)^3.

    The estimate is unbiased, whatever the number of images, and so may fall below 0.
    Binkowski et al. 2018, https://arxiv.org/abs/1801.01401, section 3, with all images in a single block.
    Raises ValueError as `frechet_distance` does.
    """
    features, others = _checked(features, others)
    across = _sum_of_kernel(features, others) / (len(features) * len(others))
    return _mean_of_pairs(features) + _mean_of_pairs(others) - 2.0 * across


def _sum_of_kernel(features: np.ndarray, others: np.ndarray) -> float:
    """Over all pairs, so many rows of the kernel at a time that memory does not grow with the square of the images."""
    blocks = (features[start : start + ROWS] for start in range(0, len(features), ROWS))
    return float(sum(polynomial_kernel(block, others, degree=3, coef0=1).sum() for block in blocks))


def _mean_of_pairs(features: np.ndarray) -> float:
    """Of the kernel, over pairs of different images."""
    n = len(features)
    with_themselves = ((np.square(features).mean(axis=1) + 1.0) ** 3).sum()
    return float((_sum_of_kernel(features, features) - with_themselves) / (n * (n - 1)))


def _checked(*sets: np.ndarray) -> tuple[np.ndarray, ...]:
    checked = tuple(np.asarray(features, np.float64) for features in sets)
    if any(features.ndim != 2 or len(features) < 2 for features in checked):
        shapes = " and ".join(str(features.shape) for features in checked)
        raise ValueError(f"the features are {shapes}; give two sets of shape (n, d), each of 2 images or more")
    widths = [features.shape[1] for features in checked]
    if widths[0] != widths[1]:
        raise ValueError(f"the features have {widths[0]} and {widths[1]} values: take both of the same network")
    if not all(np.isfinite(features).all() for features in checked):
        raise ValueError("some features are not finite: look at the images and the network's weights")
    return checked
