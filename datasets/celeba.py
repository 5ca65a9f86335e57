"""CelebA: 202,599 photographs of 10,177 celebrities, with 40 attributes each; 84x84 here.

Ziwei Liu et al.: "Deep learning face attributes in the wild", ICCV 2015,
https://mmlab.ie.cuhk.edu.hk/projects/CelebA.html
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageOps

from .attributes import AttributeSplit
from .dataset import Dataset, Split
from .image_files import report_skipped_files
from .image_store import Images, StoredImages, kept_pixels, obtain_images, write_pixels
from .prepared import prepared_builder
from .progress import with_progress

SOURCE = "https://mmlab.ie.cuhk.edu.hk/projects/CelebA.html"
SIDE = 84  # Khodadadeh et al. 2020, section 4.2: of the square in the centre
SPLITS = {"0": "train", "1": "validation", "2": "test"}  # list_eval_partition.txt: no person is in two of them
# Hsu et al. 2019, https://arxiv.org/abs/1810.02334: in the archive's order 20 attributes for training, then 10 and 10
ATTRIBUTES = {"train": slice(0, 20), "validation": slice(20, 30), "test": slice(30, 40)}
IMAGES, IDENTITIES = "img_align_celeba", "identity_CelebA.txt"
PARTITION, ATTRIBUTE_LIST = "list_eval_partition.txt", "list_attr_celeba.txt"


def celeba(data_dir: str | Path | None = None) -> Dataset:
    """The photographs with the person as class, in the archive's own split, which is one by person.

    data_dir: the folder of the official archive, whose files may lie in its folders Img, Anno and Eval or without them.
    Raises ValueError, saying which files go where, for a folder that lacks one.
    """
    people = dict(_lines(_find(data_dir, IDENTITIES)))
    _check_complete(people, IDENTITIES, data_dir)
    splits = {}
    for name, (files, images) in _images(data_dir).items():
        names, labels = np.unique([people[file] for file in files], return_inverse=True)
        splits[name] = Split(images, labels.astype(np.int32), tuple(names.tolist()))
    return Dataset("celeba", splits)


def celeba_attributes(data_dir: str | Path | None = None) -> Dataset:
    """The photographs with their attributes, from which two-way tasks are made (`lasium.tasks.attributes`).

    data_dir: as for `celeba`; where it holds no archive, the folder of TensorFlow Datasets' copy of celeb_a.
    Raises ValueError for half an archive, RuntimeError, with the ways out, where there is neither.
    """
    try:
        _find(data_dir, IMAGES)
    except ValueError as error:
        if any((Path(data_dir or ".") / part).exists() for part in ("Anno", "Eval", PARTITION, ATTRIBUTE_LIST)):
            raise
        return _attributes_from_tfds(data_dir, str(error))
    _, names, *lines = _find(data_dir, ATTRIBUTE_LIST).read_text(encoding="utf-8").splitlines()
    attribute_names = names.split()
    has = {words[0]: np.array(words[1:]) == "1" for words in map(str.split, lines) if words}
    _check_complete(has, ATTRIBUTE_LIST, data_dir)
    splits = {}
    for name, (files, images) in _images(data_dir).items():
        chosen = ATTRIBUTES[name]
        splits[name] = AttributeSplit(
            images, np.stack([has[file] for file in files])[:, chosen], tuple(attribute_names[chosen])
        )
    return Dataset("celeba-attributes", splits)


def _attributes_from_tfds(data_dir: str | Path | None, instead: str) -> Dataset:
    builder = prepared_builder("celeb_a", SOURCE, data_dir, instead)
    names = sorted(builder.info.features["attributes"])  # the order of the archive's list
    splits = {}
    for split, chosen in ATTRIBUTES.items():
        n_images = builder.info.splits[split].num_examples
        place = hashlib.sha256(f"{builder.data_dir} {n_images}".encode()).hexdigest()
        stem = f"celeb_a-{split}-{SIDE}-{place[:16]}"
        file, kept = kept_pixels(stem, n_images * SIDE * SIDE * 3, partial(_copy, builder, split, names))
        images = StoredImages(file, np.arange(len(kept["attributes"])), (SIDE, SIDE, 3))
        splits[split] = AttributeSplit(images, kept["attributes"][:, chosen], tuple(names[chosen]))
    return Dataset("celeba-attributes", splits)


def _copy(builder: Any, split: str, names: list[str], file: Path) -> dict[str, np.ndarray]:
    """Writes the split's images, small, into the file and returns their attributes."""
    import tensorflow_datasets as tfds

    attributes = []

    def small() -> Iterator[np.ndarray]:
        for example in with_progress(tfds.as_numpy(builder.as_dataset(split=split)), f"reading {split} images"):
            attributes.append([bool(example["attributes"][name]) for name in names])
            image = ImageOps.fit(Image.fromarray(example["image"]), (SIDE, SIDE), Image.Resampling.BICUBIC)
            yield np.asarray(image)

    write_pixels(file, small())
    return {"attributes": np.array(attributes)}


def _images(data_dir: str | Path | None) -> dict[str, tuple[list[str], Images]]:
    """For each split the files that could be read, and their images."""
    folder = _find(data_dir, IMAGES)
    partition = _lines(_find(data_dir, PARTITION))
    found = {}
    for number, split in SPLITS.items():
        files = [file for file, its_split in partition if its_split == number]
        if not files and split == "validation":
            print(f"{PARTITION} assigns no image to validation (number {number}): there is none", file=sys.stderr)
            continue
        if not files:
            raise ValueError(f"{_find(data_dir, PARTITION)} assigns no image to {split}, which has the number {number}")
        images, report = obtain_images([folder / file for file in files], (SIDE, SIDE), 3, f"celeba-{split}")
        report_skipped_files(report, split)
        found[split] = ([file for file, read in zip(files, report.read, strict=True) if read], images)
    return found


def _check_complete(of_file: dict[str, Any], name: str, data_dir: str | Path | None) -> None:
    """Raises ValueError, naming one, where the list lacks files of the partition."""
    missing = [file for file, _ in _lines(_find(data_dir, PARTITION)) if file not in of_file]
    if missing:
        raise ValueError(f"{_find(data_dir, name)} lacks {len(missing)} files of {PARTITION}, such as {missing[0]}")


def _find(data_dir: str | Path | None, name: str) -> Path:
    folder = Path(data_dir or ".")
    for place in (folder, folder / "Img", folder / "Anno", folder / "Eval"):
        if (place / name).exists():
            return place / name
    raise ValueError(
        f"{folder.resolve()} has no {name}. Download the aligned images of CelebA and its lists from "
        f"{SOURCE}, put the folder "
        f"{IMAGES} (unpacked), {PARTITION}, {IDENTITIES} (for celeba) and {ATTRIBUTE_LIST} (for celeba-attributes) "
        "into one folder, and name it with --data-dir. (TensorFlow Datasets' celeb_a has no identities.)"
    )


def _lines(path: Path) -> list[tuple[str, str]]:
    """The file name and the value of each line."""
    lines = [line.split() for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    for words in lines:
        if len(words) != 2:
            raise ValueError(f"{path} is not the archive's list: {' '.join(words)!r} is no file name and a number")
    return [(words[0], words[1]) for words in lines]
