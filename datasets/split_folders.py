"""The folders that people lay images in for training and for what is held back, by what they call them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

TRAINING = ("train", "training")
HELD_BACK = {
    "test": ("test",),
    "validation": ("validation", "val", "valid"),
}  # splits, by what people call their folders
_SPLITS = {*TRAINING, "testing", *(name for names in HELD_BACK.values() for name in names)}


def held_back(path: Path) -> dict[str, Path]:
    """The folders of images that are not learned from, by split. Raises ValueError for two of one split."""
    found: dict[str, Path] = {}
    for split, names in HELD_BACK.items():
        there = [path / name for name in names if (path / name).is_dir()]
        if len(there) > 1:
            raise ValueError(f"{there[0]} and {there[1]} are both folders of {split} images: keep one")
        if there:
            found[split] = there[0]
    return found


def check_no_splits(path: Path, classes: Iterable[str]) -> None:
    """Raises ValueError where all classes have the names of splits, which nobody calls classes so."""
    names = list(classes)
    if all(name.lower() in _SPLITS for name in names):
        raise ValueError(
            f"{path} has no class folders but {', '.join(names)}, which are splits: call them train and test where "
            "both are asked for, or give the one whose classes are meant"
        )


def check_training_folder(path: Path) -> None:
    """Raises ValueError where the folder of training images is called otherwise than train, beside others of images."""
    names = sorted(entry.name for entry in path.iterdir() if entry.is_dir() and not entry.name.startswith("."))
    if not (path / "train").is_dir() and any(name.lower() in TRAINING for name in names):
        check_no_splits(path, names)
