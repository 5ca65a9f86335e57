"""The datasets by name. Importing this file imports no TensorFlow."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import Literal

from .by_image import check_split_by_image
from .dataset import Dataset


@dataclass(frozen=True)
class Entry:
    """module: the file of this folder with the loader, which has the same name unless `loader` says otherwise.

    split_by: whether training and test images differ by class or by image; None for what the user's data decides.
    takes_data_dir: its images lie, or are downloaded to, where --data-dir says.
    """

    module: str
    split_by: Literal["class", "image"] | None
    takes_data_dir: bool = True
    loader: str = ""

    def load(self, data_dir: str | Path | None) -> Dataset:
        function: Callable = getattr(import_module(f".{self.module}", __package__), self.loader or self.module)
        return function(data_dir) if self.takes_data_dir else function()


DATASETS = {
    "glyphs": Entry("glyphs", "class", takes_data_dir=False),
    "omniglot": Entry("omniglot", "class"),
    "celeba": Entry("celeba", "class"),
    "celeba-attributes": Entry("celeba", "class", loader="celeba_attributes"),
    "mini-imagenet": Entry("mini_imagenet", "class"),
    "digits": Entry("digits", "image", takes_data_dir=False),
    "letters": Entry("letters", "image", takes_data_dir=False),
    "cifar10": Entry("cifar", "image", loader="cifar10"),
    "cifar100": Entry("cifar", "image", loader="cifar100"),
    "cub200": Entry("cub200", "image"),
}
USER_DATASETS = ("folder:PATH", "tfds:NAME[/CONFIG]")
LETTERS = ("glyphs", "omniglot", "digits", "letters")  # of ink on paper, where others are photographs


def load_dataset(
    name: str,
    data_dir: str | Path | None = None,
    image_size: int | None = None,
    channels: int = 3,
    n_unlabelled: int | None = None,
    split_by: Literal["image"] | None = None,
    held_out: float = 0.2,
    skip_bad: bool = False,
) -> Dataset:
    """The dataset of that name.

    data_dir: for those that come through TensorFlow Datasets, the folder of its prepared copies; for celeba,
        celeba-attributes, mini-imagenet and cub200, that of the images.
    image_size, channels: of the images of `folder:PATH` and `tfds:NAME`; by default see `folder`, `class_folders` and
        `tfds_images`, in the files of these names.
    n_unlabelled: how many of the training images serve as unlabelled ones; all by default.
    split_by: `image` asks for training and test images of the same classes, to classify; `folder:PATH` is then read as
        class folders, of which the share `held_out` is kept for testing where there is no folder `test`, and
        `skip_bad` leaves out files that are no image, where otherwise the first one is an error.
    Raises ValueError for an unknown name, a dataset that is not split as asked, fewer images than n_unlabelled, and
    whatever is wrong with a folder; RuntimeError where a download fails.
    """
    check_name(name, split_by)
    kind, _, place = name.partition(":")
    if kind == "tfds":
        from .tfds_images import tfds_images

        dataset = tfds_images(place, data_dir, image_size, channels, halves_evenly=split_by == "image")
    elif kind == "folder" and split_by == "image":
        from .class_folders import class_folders

        size = (image_size, image_size) if image_size else None
        dataset = class_folders(place, size, channels, held_out, skip_bad=skip_bad)
    elif kind == "folder":
        from .folder import folder

        dataset = folder(place, image_size, channels)
    else:
        dataset = DATASETS[name].load(data_dir)
    if split_by == "image":
        check_split_by_image(dataset, ", ".join(names("image")))
    if n_unlabelled is not None and not 1 <= n_unlabelled <= len(dataset["train"]):
        raise ValueError(
            f"n_unlabelled is {n_unlabelled}; {name} has {len(dataset['train'])} training images, of which 1 or more "
            "are needed"
        )
    return replace(dataset, n_unlabelled=n_unlabelled)


def names(split_by: Literal["class", "image"] | None = None) -> list[str]:
    """What `load_dataset` takes; with split_by, what is or may be split so."""
    fitting = [name for name, entry in DATASETS.items() if split_by in (None, entry.split_by)]
    return [*fitting, *USER_DATASETS]


def check_name(name: str, split_by: Literal["image"] | None = None) -> None:
    """Raises ValueError for what is no dataset, or is split otherwise."""
    kind, _, place = name.partition(":")
    if not (name in DATASETS or (kind in ("folder", "tfds") and place)):
        raise ValueError(f"unknown dataset {name!r}: choose one of {', '.join(names(split_by))}")
    if split_by and name in DATASETS and DATASETS[name].split_by != split_by:
        raise ValueError(
            f"dataset {name} is split by class, and training and test images of the same classes are needed: choose "
            f"one of {', '.join(names(split_by))}"
        )


def is_user_dataset(name: str) -> bool:
    """Is it a folder, or a set of TensorFlow Datasets, whose image size and channels can be chosen?"""
    return name.partition(":")[0] in ("folder", "tfds")


def is_photographs(name: str) -> bool:
    return name not in LETTERS


def short_name(name: str) -> str:
    """The name of a dataset for tables and folders: of folder:PATH the folder's own, of tfds:NAME/CONFIG both."""
    kind, _, place = name.partition(":")
    if kind == "tfds":
        return place.replace("/", "-").replace(":", "-")
    return Path(place).expanduser().resolve().name if place else kind
