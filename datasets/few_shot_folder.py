"""A folder of images without labels, and where there are class folders, labelled ones to test on."""

from __future__ import annotations

import sys
from itertools import chain
from pathlib import Path

import numpy as np

from .dataset import FewShotDataset, Split
from .folder import class_files, default_size, images_under
from .image_files import say_what_was_found
from .image_store import obtain_images

LARGEST_DEFAULT = 84  # pixels a side: as in the few-shot benchmarks of photographs


def few_shot_folder(path: str | Path, size: tuple[int, int] | None = None, channels: int = 3) -> FewShotDataset:
    """The images under the path, or under its folder `train` if there is one, at any depth, as unlabelled images.

    Class folders serve to test: those of `test`, and of `validation`, where these folders exist; otherwise those of the
    unlabelled images themselves, if all of them lie in class folders, which the dataset's remark says.
    size: (height, width); by default that of the first image, or 84x84 where a side is longer.
    Files that are no image are left out, counted and named.
    Raises ValueError for no folder, a folder without images, and a `test` or `validation` without class folders.
    """
    path = Path(path)
    if not path.is_dir():
        raise ValueError(f"no folder at {path}")
    root = path / "train" if (path / "train").is_dir() else path
    held_back = [path / name for name in ("test", "validation") if (path / name).is_dir()]
    files = [file for file in images_under(root) if not set(held_back) & set(file.parents)]
    if not files:
        raise ValueError(f"{root} holds no image: no file of a known image type at any depth")
    size = size or default_size(files, skip_bad=True, largest=LARGEST_DEFAULT)
    splits = {"train": _split(files, _labels(files, root), size, channels, "training")}
    for folder in held_back:
        by_class = class_files(folder)
        names = [name for name, members in by_class.items() for _ in members]
        splits[folder.name] = _split([*chain.from_iterable(by_class.values())], names, size, channels, folder.name)
    remark = ""
    if "test" not in splits and len(splits["train"].class_names) > 1:
        splits["test"] = splits["train"]
        remark = "tested on the images learned from"
        print(
            f"{path} has no folder test: its class folders serve to test, on the images learned from", file=sys.stderr
        )
    return FewShotDataset(path.resolve().name, splits, remark=remark)


def _labels(files: list[Path], root: Path) -> list[str]:
    """The class folder of each file, or one class for all where some lie in none, or all in the same."""
    parts = [file.relative_to(root).parts for file in files]
    return [part[0] for part in parts] if all(len(part) > 1 for part in parts) else ["unlabelled"] * len(files)


def _split(files: list[Path], names: list[str], size: tuple[int, int], channels: int, description: str) -> Split:
    images, found = obtain_images(files, size, channels, description)
    say_what_was_found(found, description)
    class_names, labels = np.unique(names, return_inverse=True)
    return Split(images, labels.astype(np.int32)[found.read], tuple(class_names.tolist()))
