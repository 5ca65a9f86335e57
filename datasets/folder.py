"""A folder of images without labels, and where there are class folders, labelled ones to test on."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import suppress
from itertools import chain, islice
from pathlib import Path

import numpy as np

from .class_folders import (
    class_files,
    images_under,
    not_among,
    real_paths,
    report_files_without_images,
    report_linked,
)
from .dataset import Dataset, Split
from .image_files import KINDS, UnreadableImage, image_size, report_skipped_files
from .image_store import chosen, obtain_images
from .split_folders import check_training_folder, held_back

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
    report_linked(n_linked, tested=" or ".join(folder.name for folder in held_back(path).values()))
    report_files_without_images(path)
    size = (side or default_side(path),) * 2
    classes = _classes(files, root)
    names = [name or STRAY for name in classes]
    splits = {"train": _split(files, names, size, channels, "training")}
    tested_on: set[str] = set()
    for split, folder in held_back(path).items():  # the test's first
        there = class_files(folder)
        by_class = {name: not_among(members, tested_on) for name, members in there.items()}
        report_linked(sum(map(len, there.values())) - sum(map(len, by_class.values())), folder.name)
        held = [*chain.from_iterable(by_class.values())]
        if not held:
            print(f"{folder} has no other images: there are none to validate with", file=sys.stderr)
            continue
        tested_on |= set(real_paths(held))
        labels = [name for name, members in by_class.items() for _ in members]
        splits[split] = _split(held, labels, size, channels, folder.name)
    if "validation" in splits and "test" not in splits:
        print(f"{path} has no folder test: its validation images serve to test", file=sys.stderr)
        splits["test"] = splits.pop("validation")
    tests_on_training_images = "test" not in splits and len(set(classes) - {None}) > 1
    if tests_on_training_images:
        splits["test"] = without_strays(splits["train"])
        strays = classes.count(None)
        print(
            f"{path} has no folder test: its class folders serve to test, on images learned from"
            + f" ({strays} images lie in no class folder)" * bool(strays),
            file=sys.stderr,
        )
    return Dataset(path.resolve().name, splits, tests_on_training_images=tests_on_training_images)


def n_readable(path: str | Path, most: int) -> int:
    """How many unlabelled images there are, `most` at the most, that begin as images do.

    Raises ValueError for a folder without any.
    """
    return len([*islice(_sizes(Path(path).expanduser()), most)])


def _sizes(path: Path) -> Iterator[tuple[Path, tuple[int, int]]]:
    """The unlabelled images that can be opened, with (height, width)."""
    _, files, _ = _unlabelled(path)
    for file in files:
        with suppress(UnreadableImage):
            yield file, image_size(file)


def _unlabelled(path: Path) -> tuple[Path, list[Path], int]:
    """The folder that is learned from, its image files, and how many of them links show in test or validation too.

    These are left out. Raises ValueError where there is no folder, or no file.
    """
    if not path.is_dir():
        raise ValueError(f"no folder at {path.absolute()}")
    check_training_folder(path)
    root = path / "train" if (path / "train").is_dir() else path
    kept_apart = list(held_back(path).values())
    found = images_under(root, kept_apart)
    if not found:
        raise ValueError(f"{root} holds no image: no file of a known image type, {KINDS}, at any depth")
    files = not_among(found, set(real_paths(chain(*map(images_under, kept_apart))))) if kept_apart else found
    if not files:
        raise ValueError(f"{root} holds no image that is not tested on: by links all lie among the test images too")
    return root, files, len(found) - len(files)


def default_side(path: str | Path) -> int:
    """The shorter side of the first unlabelled image that can be read, 84 at most.

    Raises ValueError for a folder without images, and where none can be read.
    """
    for file, size in _sizes(Path(path).expanduser()):
        side = min(*size, LARGEST_DEFAULT)
        print(f"images are taken as {side}x{side}, after {file}", file=sys.stderr)
        return side
    _, files, _ = _unlabelled(Path(path).expanduser())
    raise ValueError(f"none of the {len(files)} images under {path} can be read, such as {files[0]}")


def _classes(files: list[Path], root: Path) -> list[str | None]:
    """The class folder of each file, the first below the root; None for a file in none."""
    parts = [file.relative_to(root).parts for file in files]
    return [part[0] if len(part) > 1 else None for part in parts]


def without_strays(split: Split) -> Split:
    """The images that lie in class folders, of another set all."""
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
