"""What is missing before a dataset can be loaded without a download. It looks at files alone, and answers at once."""

from __future__ import annotations

import os
from pathlib import Path

# Those that come through TensorFlow Datasets, by its names.
_PREPARED = {
    "omniglot": "omniglot",
    "cifar10": "cifar10",
    "cifar100": "cifar100",
    "cub200": "caltech_birds2011",
    "celeba-attributes": "celeb_a",
}


def missing_data(name: str, data_dir: str | Path | None = None) -> str:
    """One line with the way out; empty where nothing is missing. name: of `load_dataset`."""
    kind, _, place = name.partition(":")
    if kind == "folder":
        return "" if Path(place).expanduser().is_dir() else f"no folder at {place}"
    if name in ("celeba", "celeba-attributes") and _has(data_dir, "img_align_celeba"):
        return ""
    if name == "cub200" and _has(data_dir, "CUB_200_2011"):
        return ""
    if name in _PREPARED or kind == "tfds":
        return _missing_prepared(_PREPARED.get(name, place), data_dir)
    if name == "celeba":
        return "the archive of CelebA (--data-dir)"
    if name == "mini-imagenet":
        there = any((Path(data_dir or ".") / part / "n01532829").is_dir() for part in (".", "train"))
        return "" if there else "the class folders of ImageNet (--data-dir)"
    return ""


def _has(data_dir: str | Path | None, folder: str) -> bool:
    return any((Path(data_dir or ".") / part / folder).is_dir() for part in (".", "Img"))


def _missing_prepared(name: str, data_dir: str | Path | None) -> str:
    default = os.environ.get("TFDS_DATA_DIR") or Path.home() / "tensorflow_datasets"
    if (Path(data_dir or default) / name).is_dir():
        return ""
    return f"{name} (a download by TensorFlow Datasets, or a copy: --data-dir)"
