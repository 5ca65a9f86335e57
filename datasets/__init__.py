"""The datasets by name."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from .classification import ClassificationDataset
from .dataset import FewShotDataset, Split

DATASETS = ("glyphs", "omniglot")
CLASSIFICATION_DATASETS = ("glyphs", "cifar10", "cifar100", "cub200", "folder:PATH")


def load_dataset(name: str, data_dir: str | Path | None = None, n_unlabelled: int | None = None) -> FewShotDataset:
    """The few-shot dataset of that name: its splits have different classes.

    data_dir: for those that come through TensorFlow Datasets, the folder of its prepared copies.
    n_unlabelled: how many of the training images serve as unlabelled ones; all by default.
    Raises ValueError for an unknown name, or fewer images than n_unlabelled asks for.
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


def load_classification(
    name: str,
    data_dir: str | Path | None = None,
    image_size: int | None = None,
    channels: int = 3,
    held_out: float = 0.2,
    skip_bad: bool = False,
) -> ClassificationDataset:
    """The dataset of that name with training and test images of the same classes.

    data_dir: as for `load_dataset`; for cub200 also a folder that holds the unpacked archive.
    image_size, channels, held_out, skip_bad: for `folder:PATH`, as `datasets.folder.folder` takes them.
    Raises ValueError for an unknown name and whatever is wrong with a folder, RuntimeError where a download fails.
    """
    if name == "glyphs":
        from .glyph_letters import glyph_letters

        return glyph_letters()
    if name in ("cifar10", "cifar100"):
        from .cifar import cifar

        return cifar(name, data_dir)
    if name == "cub200":
        from .cub200 import cub200

        return cub200(data_dir)
    if name.startswith("folder:"):
        from .folder import folder

        size = (image_size, image_size) if image_size else None
        return folder(name.removeprefix("folder:"), size, channels, held_out, skip_bad=skip_bad)
    raise ValueError(f"unknown dataset {name!r}: choose one of {', '.join(CLASSIFICATION_DATASETS)}")


__all__ = [
    "CLASSIFICATION_DATASETS",
    "DATASETS",
    "ClassificationDataset",
    "FewShotDataset",
    "Split",
    "load_classification",
    "load_dataset",
]
