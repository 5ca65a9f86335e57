"""A folder of images without labels, and where there are class folders, labelled ones to test on."""

from __future__ import annotations

import sys
from itertools import chain
from pathlib import Path

import numpy as np

from .class_folders import (
    class_files,
    held_back,
    images_under,
    not_among,
    real_paths,
    report_files_without_images,
    report_linked,
)
from .dataset import Dataset, Split
from .image_files import KINDS, UnreadableImage, image_size, report_skipped_files
from .image_store import chosen, obtain_images

STRAY = "in no class folder"  # the class name of images without a class folder
LARGEST_DEFAULT = 84  # pixels a side: as in the few-shot benchmarks of photographs


def folder(path: str | Path, side: int | None = None, channels: int = 3) -> Dataset:
    """The images under the path, or under its folder `train` if there is one, at any depth, as unlabelled images.

    Class folders serve to test: those of `test`, and of `validation` (or `val`, `valid`), where these folders exist.
    Where there is no `test`, the validation folder serves, and without one the class folders among the unlabelled
    images themselves, which the dataset then says.
    side: of the square that each image is cut and scaled to, in pixels; by default see `default_side`.
    Files that are no image are left out, counted and named.
    Raises ValueError for no folder, a folder without images, a `test` or `validation` without class folders, and two
    folders of validation images.
    """
    path = Path(path).expanduser()
    root, files, n_linked = _unlabelled(path)
    report_linked(n_linked)
    report_files_without_images(path)
    size = (side or default_side(path),) * 2
    classes = _classes(files, root)
    names = [name or STRAY for name in classes]
    splits = {"train": _split(files, names, size, channels, "training")}
    for split, folder in held_back(path).items():
        by_class = class_files(folder)
        labels = [name for name, members in by_class.items() for _ in members]
        splits[split] = _split([*chain.from_iterable(by_class.values())], labels, size, channels, folder.name)
    if "validation" in splits and "test" not in splits:
        print(f"{path} has no folder test: its validation images serve to test", file=sys.stderr)
        splits["test"] = splits.pop("validation")
    tests_on_training_images = "test" not in splits and len(set(classes) - {None}) > 1
    if tests_on_training_images:
        splits["test"] = _without_strays(splits["train"])
        strays = classes.count(None)
        print(
            f"{path} has no folder test: its class folders serve to test, on images learned from"
            + f" ({strays} images lie in no class folder)" * bool(strays),
            file=sys.stderr,
        )
    return Dataset(path.resolve().name, splits, tests_on_training_images=tests_on_training_images)


def unlabelled_files(path: Path) -> tuple[Path, list[Path]]:
    """The folder that is learned from, and its image files, none of which is tested on.

    Raises ValueError where there is none of either.
    """
    root, files, _ = _unlabelled(path)
    return root, files


def _unlabelled(path: Path) -> tuple[Path, list[Path], int]:
    """As `unlabelled_files`, and how many files are left out because links show them in test or validation too."""
    if not path.is_dir():
        raise ValueError(f"no folder at {path}")
    root = path / "train" if (path / "train").is_dir() else path
    kept_apart = set(held_back(path).values())
    found = [file for file in images_under(root) if not kept_apart & set(file.parents)]
    if not found:
        raise ValueError(f"{root} holds no image: no file of a known image type, {KINDS}, at any depth")
    files = not_among(found, set(real_paths(chain(*map(images_under, kept_apart))))) if kept_apart else found
    if not files:
        raise ValueError(f"{root} holds no image that is not tested on: by links all lie among the test images too")
    return root, files, len(found) - len(files)


def default_side(path: str | Path) -> int:
    """The shorter side of the first unlabelled image that can be read, 84 at most.

    Raises ValueError as `unlabelled_files` does, and where none can be read.
    """
    _, files = unlabelled_files(Path(path).expanduser())
    for file in files:
        try:
            side = min(*image_size(file), LARGEST_DEFAULT)
        except UnreadableImage:
            continue
        print(f"images are taken as {side}x{side}, after {file}", file=sys.stderr)
        return side
    raise ValueError(f"none of the {len(files)} images under {path} can be read, such as {files[0]}")


def _classes(files: list[Path], root: Path) -> list[str | None]:
    """The class folder of each file, the first below the root; None for a file in none."""
    parts = [file.relative_to(root).parts for file in files]
    return [part[0] if len(part) > 1 else None for part in parts]


def _without_strays(split: Split) -> Split:
    """The images that lie in class folders."""
    strays = [label for label, name in enumerate(split.class_names) if name == STRAY]
    members = np.flatnonzero(~np.isin(split.labels, strays))
    if not strays:
        return split
    names = [name for name in split.class_names if name != STRAY]
    new_label = np.array([names.index(name) if name in names else -1 for name in split.class_names], np.int32)
    return Split(chosen(split.images, members), new_label[split.labels[members]], tuple(names))


def _split(files: list[Path], names: list[str], size: tuple[int, int], channels: int, description: str) -> Split:
    images, found = obtain_images(files, size, channels, description)
    report_skipped_files(found, description)
    class_names, labels = np.unique(names, return_inverse=True)
    return Split(images, labels.astype(np.int32)[found.read], tuple(class_names.tolist()))
