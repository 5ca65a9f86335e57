import numpy as np
import pytest

from latentshot.datasets import Split
from latentshot.datasets.small_sample import small_sample, subset


def test_small_samples_are_balanced_and_nest():
    labels = np.random.default_rng(0).permutation(np.repeat([0, 1, 2], [30, 40, 50]))
    split = Split(np.zeros((120, 1, 1, 1), np.uint8), labels.astype(np.int32), ("a", "b", "c"))
    few, more, other = (small_sample(split, n, seed) for n, seed in ((10, 3), (25, 3), (10, 4)))
    assert np.bincount(labels[few]).tolist() == [10, 10, 10]
    assert len(set(few)) == 30
    assert set(few) < set(more)
    assert set(few) != set(other)
    with pytest.raises(ValueError, match="samples_per_class is 31, and class a has 30 images"):
        small_sample(split, 31, 0)
    smaller = subset(split, np.delete(np.arange(len(labels)), np.flatnonzero(labels == 1)[:12]))
    with pytest.raises(ValueError, match="class b has 28 images: ask for 28 at most"):  # the smallest, not the first
        small_sample(smaller, 31, 0)
    with pytest.raises(ValueError, match="samples_per_class is 0; it must be 1 or more"):
        small_sample(split, 0, 0)


def test_a_subset_keeps_the_classes():
    split = Split(np.arange(4, dtype=np.uint8)[:, None, None, None], np.array([0, 1, 0, 1], np.int32), ("a", "b"))
    part = subset(split, np.array([3, 0]))
    assert part.images.ravel().tolist() == [3, 0]
    assert part.labels.tolist() == [1, 0]
    assert part.class_names == ("a", "b")
