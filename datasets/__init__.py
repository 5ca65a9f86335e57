"""The datasets by name."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from .classification import ClassificationDataset
from .dataset import FewShotDataset, Split

DATASETS = ("glyphs", "omniglot", "celeba", "celeba-attributes", "mini-imagenet", "folder:PATH")
CLASSIFICATION_DATASETS = ("glyphs", "cifar10", "cifar100", "cub200", "folder:PATH")


def short_name(dataset: str) -> str:
    """The name of a dataset for tables and folders: of folder:PATH the folder's own."""
    kind, _, path = dataset.partition(":")
    return Path(path).resolve().name if path else kind


def check_dataset(name: str) -> None:
    """Raises ValueError for what is no few-shot dataset."""
    kind, _, path = name.partition(":")
    if f"{kind}:PATH" in DATASETS if path else name in DATASETS:
        return
    raise ValueError(f"unknown dataset {name!r}: choose one of {', '.join(DATASETS)}")


def load_dataset(
    name: str,
    data_dir: str | Path | None = None,
    n_unlabelled: int | None = None,
    image_size: int | None = None,
    channels: int = 3,
) -> FewShotDataset:
    """The few-shot dataset of that name: unlabelled images to learn from, and labelled ones of classes to test on.

    data_dir: for those that come through TensorFlow Datasets, the folder of its prepared copies; for celeba,
    celeba-attributes and mini-imagenet, that of the images.
    n_unlabelled: how many of the training images serve as unlabelled ones; all by default.
    image_size, channels: for `folder:PATH`, as `datasets.few_shot_folder.few_shot_folder` takes them.
    Raises ValueError for an unknown name, fewer images than n_unlabelled asks for, and whatever is wrong with a folder;
    RuntimeError where a download fails.
    """
    check_dataset(name)
    dataset = _few_shot(name, data_dir, image_size, channels)
    if n_unlabelled is not None and n_unlabelled > len(dataset["train"]):
        raise ValueError(f"n_unlabelled is {n_unlabelled}; {name} has {len(dataset['train'])} training images")
    return replace(dataset, n_unlabelled=n_unlabelled)


def _few_shot(name: str, data_dir: str | Path | None, image_size: int | None, channels: int) -> FewShotDataset:
    if name == "glyphs":
        from .glyphs import glyphs

        return glyphs()
    if name == "omniglot":
        from .omniglot import omniglot

        return omniglot(data_dir)
    if name == "celeba":
        from .celeba import celeba

        return celeba(data_dir)
    if name == "celeba-attributes":
        from .celeba import celeba_attributes

        return celeba_attributes(data_dir)
    if name == "mini-imagenet":
        from .mini_imagenet import mini_imagenet

        return mini_imagenet(data_dir)
    from .few_shot_folder import few_shot_folder

    return few_shot_folder(name.removeprefix("folder:"), image_size, channels)


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
