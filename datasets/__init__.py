"""The datasets by name."""

from __future__ import annotations

from pathlib import Path

from .dataset import FewShotDataset, Split

DATASETS = ("glyphs", "omniglot")


def load_dataset(name: str, data_dir: str | Path | None = None) -> FewShotDataset:
    """The dataset of that name. Raises ValueError for an unknown one.

    data_dir: for those that come through TensorFlow Datasets, the folder of its prepared copies.
    """
    if name == "glyphs":
        from .glyphs import glyphs

        return glyphs()
    if name == "omniglot":
        from .omniglot import omniglot

        return omniglot(data_dir)
    raise ValueError(f"unknown dataset {name!r}: choose one of {', '.join(DATASETS)}")


__all__ = ["DATASETS", "FewShotDataset", "Split", "load_dataset"]
