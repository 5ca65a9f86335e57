"""A folder of labelled images, a folder for each class: `train/CLASS/...` and `test/CLASS/...`, or classes alone.

What both methods read of folders: class folders, images at any depth, and what people call their held-back images.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from .dataset import Dataset, Split
from .halving import halving
from .image_files import (
    KINDS,
    UnreadableImage,
    image_size,
    is_image,
    read_images,
    report_other_files,
    report_skipped_files,
    some_of,
)
from .split_folders import check_no_splits, held_back

HELD_OUT = 0.2  # the share of a class that is kept for testing where there is no folder for it
WAY_OUT = "--skip-bad (skip_bad=True) leaves such files out"
LARGEST_DEFAULT = 128  # pixels a side: larger images take a generator too long


def class_folders(
    path: str | Path,
    size: tuple[int, int] | None = None,
    channels: int = 3,
    held_out: float = HELD_OUT,
    seed: int = 0,
    skip_bad: bool = False,
) -> Dataset:
    """The images under the path, cut and scaled to one size.

    `validation` (or `val`, `valid`) serves to test where there is no `test`, and beside one is left out.
    size: (height, width); by default that of the first training image, or 128x128 where a side is longer, each cut to
        what `halving` gives.
    held_out: where there are no `train` and `test` folders, the share of each class that is kept for testing.
    seed: of that choice.
    skip_bad: leaves out files that are no image and says how many, where otherwise the first one is an error.
    Raises ValueError for a folder without classes, two classes whose names differ by case alone, a class with no
    image, test classes that training lacks, `train` or `test` alone, and two folders of validation images, and
    UnreadableImage for a file that is no image.
    """
    path = Path(path).expanduser()
    if not path.is_dir():
        raise ValueError(f"no folder at {path.absolute()}")
    test = _test_folder(path)
    if test and held_out != HELD_OUT:
        print(f"held_out {held_out:g} is not used: {path} has its test images in {test.name}", file=sys.stderr)
    files = _of_two_folders(path / "train", test) if test else _held_out(class_files(path), held_out, seed)
    report_files_without_images(path)
    files[0].update(_not_tested_on(*files))
    class_names = tuple(sorted(files[0]))
    size = size or _default_size([file for name in class_names for file in files[0][name]], skip_bad)
    splits, kept = [], []
    for name, by_class in zip(("training", "test"), files, strict=True):
        paths = [file for class_name in class_names for file in by_class.get(class_name, [])]
        labels = [label for label, class_name in enumerate(class_names) for _ in by_class.get(class_name, [])]
        try:
            found = read_images(paths, size, channels, skip_bad, f"{name} images")
        except UnreadableImage as error:
            raise UnreadableImage(f"{error}; {WAY_OUT}") from error
        report_skipped_files(found, name)
        splits.append(Split(found.images, np.array(labels, np.int32)[found.read], class_names))
        kept.append(tuple(str(file.relative_to(path)) for file, read in zip(paths, found.read, strict=True) if read))
    untested = np.setdiff1d(np.arange(len(class_names)), splits[1].labels)
    if len(untested):
        names = ", ".join(class_names[label] for label in untested)
        print(f"classes without a test image, learned but not tested: {names}", file=sys.stderr)
    return Dataset(path.resolve().name, {"train": splits[0], "test": splits[1]}, files=kept[0])


def _default_size(files: list[Path], skip_bad: bool) -> tuple[int, int]:
    """(height, width) of the first file, or with skip_bad of the first that can be read, if it is not too large."""
    for file in files:
        try:
            size = image_size(file)
            height, width = halving(*(size if max(size) <= LARGEST_DEFAULT else (LARGEST_DEFAULT, LARGEST_DEFAULT)))
            if (height, width) != size:
                print(f"images are scaled to {height}x{width}: {file} is {size}", file=sys.stderr)
            return height, width
        except UnreadableImage as error:
            if not skip_bad:
                raise UnreadableImage(f"{error}; {WAY_OUT}") from error
    raise ValueError(f"none of the {len(files)} training images can be read")


def class_files(path: Path) -> dict[str, list[Path]]:
    """The image files of each class folder, at any depth, in order. Prints how many lie in none.

    Raises ValueError for a folder without classes, or of splits; for two whose names differ by case alone; and for one
    without images.
    """
    folders = sorted(entry for entry in path.iterdir() if entry.is_dir() and not entry.name.startswith("."))
    if not folders:
        raise ValueError(f"{path} has no class folders: put the images of each class into a folder of its name")
    check_no_splits(path, [entry.name for entry in folders])
    by_lower_case: dict[str, str] = {}
    for entry in folders:
        other = by_lower_case.setdefault(entry.name.lower(), entry.name)
        if other != entry.name:
            raise ValueError(f"{path} has the classes {other!r} and {entry.name!r}, which differ by case alone")
    classes = {entry.name: images_under(entry) for entry in folders}
    for name, images in classes.items():
        if not images:
            raise ValueError(f"class {name!r} has no image: {path / name} holds no file of a known image type, {KINDS}")
    if strays := sorted(file for file in path.iterdir() if is_image(file) and not file.name.startswith(".")):
        print(f"{path}: {len(strays)} images in no class folder are left out: {some_of(strays, path)}", file=sys.stderr)
    return classes


def images_under(folder: Path, leave_out: Iterable[Path] = ()) -> list[Path]:
    """The image files at any depth, in order. Links are followed; hidden files and folders are left out.

    leave_out: folders that are not entered, but by links to them.
    """
    return [file for file in _files_under(folder, leave_out) if is_image(file)]


def report_files_without_images(folder: Path) -> None:
    """Prints how many files at any depth are taken for no image, and the names of some."""
    report_other_files(folder, [file for file in _files_under(folder) if not is_image(file)])


def real_paths(files: Iterable[Path]) -> list[str]:
    """Where the files lie once links are followed. A folder is looked at once."""
    folders: dict[Path, str] = {}

    def real(file: Path) -> str:
        if file.is_symlink():
            return os.path.realpath(file)
        if file.parent not in folders:
            folders[file.parent] = os.path.realpath(file.parent)
        return os.path.join(folders[file.parent], file.name)

    return list(map(real, files))


def not_among(files: list[Path], places: set[str]) -> list[Path]:
    """Those of the files that lie, once links are followed, at none of the places."""
    return [file for file, place in zip(files, real_paths(files), strict=True) if place not in places]


def report_linked(n: int, learned: str = "training", tested: str = "test") -> None:
    """Prints how many of the images to learn from are left out."""
    if n:
        print(f"left out of the {learned} images, for links show them in {tested} too: {n}", file=sys.stderr)


def _files_under(folder: Path, leave_out: Iterable[Path] = ()) -> list[Path]:
    """A folder is looked at once: by a link only where it does not lie under this one itself."""
    found: list[Path] = []
    seen: set[str] = set()
    kept_out = {str(each) for each in leave_out}
    waiting = [str(folder)]
    while waiting:
        links: list[str] = []
        for top in waiting:
            for place, folders, files in os.walk(top, onerror=_cannot_be_read):
                is_new = (real := os.path.realpath(place)) not in seen
                seen.add(real)
                shown = {name: os.path.join(place, name) for name in sorted(folders) if not name.startswith(".")}
                within = [name for name, path in shown.items() if is_new and path not in kept_out]
                folders[:] = [name for name in within if not os.path.islink(shown[name])]
                links += [shown[name] for name in within if os.path.islink(shown[name])]
                found += [Path(place, name) for name in files if is_new and not name.startswith(".")]
        waiting = links
    return sorted(found)


def _cannot_be_read(error: OSError) -> None:
    raise ValueError(
        f"the folder {error.filename} cannot be read ({error.strerror}): make it readable, or move it away"
    )


def _test_folder(path: Path) -> Path | None:
    """The folder of test images; None where the path holds classes alone, one of which may be called `valid`."""
    if not (path / "train").is_dir():
        if (path / "test").is_dir():
            raise ValueError(f"{path} has a folder 'test' and none 'train': give both, or classes without either")
        return None
    folders = held_back(path)
    if not folders:
        raise ValueError(
            f"{path} has a folder 'train' and none 'test' (or 'validation'): give both, or classes without either"
        )
    if len(folders) == 2:
        print(f"{folders['validation']} is left out: nothing is chosen by validation images here", file=sys.stderr)
    elif "validation" in folders:
        print(f"{path} has no folder test: its validation images serve to test", file=sys.stderr)
    return folders.get("test") or folders["validation"]


def _of_two_folders(train_folder: Path, test_folder: Path) -> tuple[dict[str, list[Path]], dict[str, list[Path]]]:
    train, test = class_files(train_folder), class_files(test_folder)
    unknown = sorted(test.keys() - train.keys())
    if unknown:
        raise ValueError(f"{test_folder} has classes that {train_folder} lacks: {', '.join(unknown)}")
    return train, test


def _not_tested_on(train: dict[str, list[Path]], test: dict[str, list[Path]]) -> dict[str, list[Path]]:
    """The training images without those that links show among the test images too, which is told.

    Raises ValueError for a class that has no others.
    """
    tested_on = set(real_paths(file for files in test.values() for file in files))
    left = {name: not_among(files, tested_on) for name, files in train.items()}
    if empty := [name for name, files in left.items() if not files]:
        raise ValueError(f"class {empty[0]!r} has no image to learn from: by links all are test images too")
    report_linked(sum(map(len, train.values())) - sum(map(len, left.values())))
    return left


def _held_out(
    classes: dict[str, list[Path]], share: float, seed: int
) -> tuple[dict[str, list[Path]], dict[str, list[Path]]]:
    """Each class cut in two at random: the share goes to testing, at least one image and never all."""
    if not 0 < share < 1:
        raise ValueError(f"held_out is {share:g}; the share kept for testing must lie between 0 and 1")
    train, test = {}, {}
    for label, (name, files) in enumerate(sorted(classes.items())):
        if len(files) < 2:
            raise ValueError(f"class {name!r} has one image: two are needed, one of them to test with")
        order = np.random.default_rng([seed, label]).permutation(len(files))
        n_test = min(max(round(share * len(files)), 1), len(files) - 1)
        test[name] = [files[i] for i in sorted(order[:n_test])]
        train[name] = [files[i] for i in sorted(order[n_test:])]
    return train, test
