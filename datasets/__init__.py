"""The datasets by name."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from .dataset import FewShotDataset, Split

DATASETS = ("glyphs", "omniglot")


def load_dataset(name: str, data_dir: str | Path | None = None, n_unlabelled: int | None = None) -> FewShotDataset:
    """The dataset of that name. Raises ValueError for an unknown one, or fewer images than n_unlabelled asks for.

    data_dir: for those that come through TensorFlow Datasets, the folder of its prepared copies.
    n_unlabelled: how many of the training images serve as unlabelled ones; all by default.
    """
    if name == "glyphs":
        from .glyphs import glyphs

        dataset = glyphs()
    elif name == "omniglot":
        from .omniglot import omniglot

        dataset = omniglot(data_dir)
    else:
        raise ValueError(f"unknown dataset {name!r}: choose one of {', '.join(DATASETS)}")
    if n_unlabelled is not None and n_unlabelled > len(dataset["train"]):
        raise ValueError(f"n_unlabelled is {n_unlabelled}; {name} has {len(dataset['train'])} training images")
    return replace(dataset, n_unlabelled=n_unlabelled)


__all__ = ["DATASETS", "FewShotDataset", "Split", "load_dataset"]
