"""Frechet and kernel distance against closed forms and plain sums."""

import numpy as np
import pytest
from scipy import linalg

from latentshot.models import feature_distances
from latentshot.models.feature_distances import frechet_distance, kernel_distance

rng = np.random.default_rng(0)


def with_moments(mean, root, n=50):
    """Features whose mean is exactly this, and whose covariance is root root^T."""
    white = rng.normal(size=(n, len(mean)))
    white -= white.mean(axis=0)
    white = white @ np.linalg.inv(np.linalg.cholesky(np.cov(white, rowvar=False))).T
    return white @ np.asarray(root).T + mean


def test_gaussians_with_common_axes_differ_by_means_and_standard_deviations():
    ours, others = with_moments([0, 1], np.diag([1.0, 3.0])), with_moments([2, 1], np.diag([2.0, 1.0]))
    assert frechet_distance(ours, others) == pytest.approx(2**2 + (2 - 1) ** 2 + (3 - 1) ** 2)


def test_the_root_of_any_two_covariances_is_that_of_scipy():
    first, second = rng.normal(size=(3, 3)), rng.normal(size=(3, 3))
    s, r = first @ first.T, second @ second.T
    expected = np.trace(s + r - 2 * linalg.sqrtm(s @ r).real)
    assert frechet_distance(with_moments([0] * 3, first), with_moments([0] * 3, second)) == pytest.approx(expected)


def test_fewer_images_than_features_are_at_no_distance_from_themselves_and_a_shift_is_its_square():
    few = rng.normal(size=(5, 40))
    assert frechet_distance(few, few[::-1]) == pytest.approx(0.0, abs=1e-5)
    assert frechet_distance(few, few + 0.5) == pytest.approx(40 * 0.25, abs=1e-5)


def test_the_kernel_distance_is_the_sum_over_pairs_of_different_images():
    x, y = rng.normal(size=(4, 3)), rng.normal(size=(5, 3)) + 1

    def kernel(a, b):
        return (sum(a * b) / 3 + 1) ** 3

    own = np.mean([kernel(x[i], x[j]) for i in range(4) for j in range(4) if i != j])
    other = np.mean([kernel(y[i], y[j]) for i in range(5) for j in range(5) if i != j])
    across = np.mean([kernel(a, b) for a in x for b in y])
    assert kernel_distance(x, y) == pytest.approx(own + other - 2 * across)


def test_the_kernel_is_summed_in_blocks_of_rows(monkeypatch):
    x, y = rng.normal(size=(7, 3)), rng.normal(size=(5, 3)) + 1
    whole = kernel_distance(x, y)
    monkeypatch.setattr(feature_distances, "ROWS", 3)
    assert kernel_distance(x, y) == pytest.approx(whole)


def test_the_kernel_distance_of_equal_distributions_is_zero_on_average_even_with_few_images():
    found = np.array([kernel_distance(*rng.normal(size=(2, 10, 4))) for _ in range(2000)])
    assert abs(found.mean()) < 3 * found.std() / np.sqrt(len(found))
    assert found.min() < 0  # unbiased, so not all can lie above
    assert kernel_distance(rng.normal(size=(50, 4)), rng.normal(size=(50, 4)) + 2) > 1


@pytest.mark.parametrize(
    ("ours", "others", "message"),
    [
        (np.ones((1, 3)), np.ones((4, 3)), r"\(1, 3\) and \(4, 3\); give two sets"),
        (np.ones((4, 3)), np.ones((4, 2)), "3 and 2 values: take both of the same network"),
        (np.full((4, 3), np.nan), np.ones((4, 3)), "not finite"),
    ],
)
def test_features_that_cannot_be_compared_are_told(ours, others, message):
    for distance in (frechet_distance, kernel_distance):
        with pytest.raises(ValueError, match=message):
            distance(ours, others)
