"""Small samples of labelled images, as one has who labels a few by hand."""

from __future__ import annotations

import numpy as np

from .dataset import Split


def small_sample(split: Split, samples_per_class: int, seed: int) -> np.ndarray:
    """Indices of samples_per_class images of each class, drawn at random, class by class.

    Samples of a seed nest: those of 10 a class are among those of 25.
    Raises ValueError where a class has fewer images, and for less than one.
    """
    if samples_per_class < 1:
        raise ValueError(f"samples_per_class is {samples_per_class}; it must be 1 or more")
    sizes = np.bincount(split.labels, minlength=len(split.class_names))
    if min(sizes) < samples_per_class:
        name, fewest = split.class_names[np.argmin(sizes)], min(sizes)
        remedy = f"ask for {fewest} at most" if fewest else "give it some, or leave it out"
        raise ValueError(f"samples_per_class is {samples_per_class}, and class {name} has {fewest} images: {remedy}")
    chosen = []
    for label in range(len(split.class_names)):
        members = np.flatnonzero(split.labels == label)
        # each class has its own order, whatever the others have
        chosen.append(np.random.default_rng([seed, label]).permutation(members)[:samples_per_class])
    return np.concatenate(chosen)


def subset(split: Split, indices: np.ndarray) -> Split:
    """The images of the indices, of the same classes."""
    return Split(split.images[indices], split.labels[indices], split.class_names)
