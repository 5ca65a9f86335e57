"""CUB-200-2011: 11,788 photographs of 200 species of birds, 256x256 here.

Catherine Wah et al.: "The Caltech-UCSD Birds-200-2011 dataset", 2011, https://www.vision.caltech.edu/datasets/cub_200_2011/
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from .dataset import Dataset, Split
from .image_files import read_images
from .prepared import prepared_builder
from .progress import with_progress

SOURCE = "https://data.caltech.edu"
ARCHIVE = "CUB_200_2011"
SIDE, CROP = 256, 224  # Azuri and Weinshall 2020, section IV-C


def cub200(data_dir: str | Path | None = None) -> Dataset:
    """The published 5,994 training and 5,794 test images: smaller side scaled to 256, then the square in the centre.

    (The paper crops its 224 pixels from the whole length; what lies outside the square is lost here.)
    data_dir: a folder that holds the unpacked archive CUB_200_2011, which is taken first; or TensorFlow Datasets' copy.
    Raises RuntimeError, with the ways out, where there is neither and the download fails.
    """
    unpacked = Path(data_dir or ".") / ARCHIVE
    if unpacked.is_dir():
        return _from_archive(unpacked)
    instead = (
        f"download {ARCHIVE}.tgz from {SOURCE}/records/65de6-vp158 by hand (the automatic download has a quota), "
        f"unpack it and name the folder that holds {ARCHIVE}/images.txt with --data-dir"
    )
    return _from_tfds(data_dir, instead)


def _from_archive(folder: Path) -> Dataset:
    """Raises ValueError for a folder that lacks one of the archive's lists."""
    names = tuple(name for _, name in _lines(folder / "classes.txt"))
    files = [name for _, name in _lines(folder / "images.txt")]
    labels = np.array([int(label) - 1 for _, label in _lines(folder / "image_class_labels.txt")], np.int32)
    training = np.array([flag == "1" for _, flag in _lines(folder / "train_test_split.txt")])
    if not len(files) == len(labels) == len(training):
        raise ValueError(f"{folder}: images.txt, image_class_labels.txt and train_test_split.txt differ in length")
    splits = []
    for name, chosen in (("training", training), ("test", ~training)):
        paths = [folder / "images" / file for file, wanted in zip(files, chosen, strict=True) if wanted]
        images = read_images(paths, (SIDE, SIDE), 3, description=f"{name} images").images
        splits.append(Split(images, labels[chosen], names))
    of_training = tuple(file for file, wanted in zip(files, training, strict=True) if wanted)
    return Dataset("cub200", {"train": splits[0], "test": splits[1]}, files=of_training, crop=CROP)


def _lines(path: Path) -> list[list[str]]:
    """The lines of a list, each an id and what belongs to it."""
    if not path.is_file():
        raise ValueError(f"{path.parent} is not the whole archive of {ARCHIVE}: it has no {path.name}")
    return [line.split(maxsplit=1) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def _from_tfds(data_dir: str | Path | None, instead: str) -> Dataset:
    import tensorflow_datasets as tfds

    builder = prepared_builder("caltech_birds2011", SOURCE, data_dir, instead)
    names = tuple(builder.info.features["label"].names)
    splits, files = [], []
    for split in ("train", "test"):
        wanted = tfds.decode.PartialDecoding({"image": True, "image/filename": True, "label": True})
        examples = tfds.as_numpy(builder.as_dataset(split=split, decoders=wanted))
        found = []
        for example in with_progress(examples, f"reading {split} images"):
            image = ImageOps.fit(Image.fromarray(example["image"]), (SIDE, SIDE), Image.Resampling.BICUBIC)
            found.append((example["image/filename"].decode(), int(example["label"]), np.asarray(image)))
        found.sort(key=lambda one: one[0])  # TFDS does not promise an order
        files.append(tuple(file for file, _, _ in found))
        labels = np.array([label for _, label, _ in found], np.int32)
        splits.append(Split(np.stack([image for _, _, image in found]), labels, names))
    return Dataset("cub200", {"train": splits[0], "test": splits[1]}, files=files[0], crop=CROP)
