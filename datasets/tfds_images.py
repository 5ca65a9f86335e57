"""Any image classification set of TensorFlow Datasets: https://www.tensorflow.org/datasets/catalog/overview"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageOps

from .dataset import Dataset, Split
from .halving import halving
from .image_files import as_eight_bits
from .image_store import LARGEST_IN_MEMORY, Images, StoredImages, chosen, kept_pixels, write_pixels
from .prepared import prepared_builder
from .progress import with_progress

SOURCE = "https://storage.googleapis.com/tfds-data"
LARGEST_DEFAULT = 84  # pixels a side, as in the few-shot benchmarks of photographs
# The names that sets of TensorFlow Datasets give to the three splits, the likelier ones first.
SPLITS = {"train": ("train",), "validation": ("validation", "valid", "val", "dev"), "test": ("test",)}
HELD_OUT = 0.2  # of the training images, where there is nothing else to test on


def tfds_images(
    name: str,
    data_dir: str | Path | None = None,
    side: int | None = None,
    channels: int = 3,
    halves_evenly: bool = False,
) -> Dataset:
    """The set of that name, NAME or NAME/CONFIG, cut to the square in the centre and scaled to side x side.

    data_dir: where TensorFlow Datasets keeps or puts its copy; None means `$TFDS_DATA_DIR` or its own default.
    side: in pixels; by default the set's own shorter side where all images have one size, 84 at most.
    halves_evenly: cuts the default to what `halving` gives.
    channels: 1 makes colour images grey; grey ones stay grey.
    Split by class where no class is in both train and test, else by image. Where there is no test split, the
    validation split serves, and without one a fifth of the training images.
    Raises ValueError for an unknown set, and for one without 8-bit images, class labels or a training split;
    RuntimeError, with the ways out, where it is not prepared and cannot be downloaded.
    """
    import tensorflow_datasets as tfds

    try:
        builder = prepared_builder(name, SOURCE, data_dir, "use --dataset folder:PATH on images of your own")
    except (tfds.core.DatasetNotFoundError, tfds.core.registered.DatasetNotFoundError, AssertionError) as error:
        raise ValueError(f"TensorFlow Datasets has no set {name!r}: {str(error).splitlines()[0]}") from error
    image_key, label_key = _keys(name, builder.info)
    shape = builder.info.features[image_key].shape
    side = side or _default_side(shape, halves_evenly)
    channels = 1 if shape[-1] == 1 else channels
    class_names = builder.info.features[label_key].names
    splits = {}
    for split, candidates in SPLITS.items():
        there = [candidate for candidate in candidates if candidate in builder.info.splits]
        if there:
            read = partial(_examples, builder, there[0], image_key, label_key)
            images, labels = _with_labels(*_images(builder, there[0], side, channels, read), f"{name}, {there[0]}")
            if len(labels):
                splits[split] = images, labels
    if "train" not in splits:
        if unlabelled := [split for split in SPLITS["train"] if split in builder.info.splits]:
            raise ValueError(
                f"{name} has no label on any image of its split {unlabelled[0]}: choose a set with classes"
            )
        raise ValueError(f"{name} has no split train, but {', '.join(builder.info.splits) or 'none at all'}")
    _find_test(name, splits)
    return Dataset(name.replace("/", "-"), _with_names(splits, class_names))


def _keys(name: str, info: Any) -> tuple[str, str]:
    """The features of the image and of its class: those that the set names, or the first of each kind."""
    import tensorflow_datasets as tfds

    features = info.features if hasattr(info.features, "items") else {}
    kinds = {key: type(feature).__name__ for key, feature in features.items()}
    images = [key for key, feature in features.items() if isinstance(feature, tfds.features.Image)]
    labels = [key for key, feature in features.items() if isinstance(feature, tfds.features.ClassLabel)]
    preferred = info.supervised_keys or ()
    images.sort(key=lambda key: key not in preferred)
    labels.sort(key=lambda key: key not in preferred)
    if not images or not labels:
        has = ", ".join(f"{key} ({kind})" for key, kind in kinds.items())
        raise ValueError(f"{name} is no set of images with classes: its features are {has}")
    if features[images[0]].np_dtype != np.uint8:
        raise ValueError(f"the images of {name} are {features[images[0]].np_dtype}; they must be 8-bit")
    return images[0], labels[0]


def _default_side(shape: tuple[int | None, ...], halves_evenly: bool) -> int:
    height, width, _ = shape
    side = LARGEST_DEFAULT if height is None or width is None else min(height, width, LARGEST_DEFAULT)
    return halving(side, side)[0] if halves_evenly else side


def _examples(builder: Any, split: str, image_key: str, label_key: str) -> Iterator[tuple[np.ndarray, int]]:
    """Images and labels in the order of the files, whatever the number of reading threads."""
    import tensorflow_datasets as tfds

    config = tfds.ReadConfig(interleave_cycle_length=1, try_autocache=False)
    decoders = tfds.decode.PartialDecoding({image_key: True, label_key: True})
    examples = builder.as_dataset(split=split, shuffle_files=False, read_config=config, decoders=decoders)
    total = builder.info.splits[split].num_examples
    for example in with_progress(tfds.as_numpy(examples), f"reading {builder.name}, {split}", total):
        yield example[image_key], int(example[label_key])


def _images(builder: Any, split: str, side: int, channels: int, read: Any) -> tuple[Images, np.ndarray]:
    """The split's images and labels, decoded once into a file under the cache; small ones come into memory."""
    place = hashlib.sha256(f"{builder.data_dir} {builder.info.splits[split].num_examples}".encode()).hexdigest()
    stem = f"tfds-{builder.info.full_name.replace('/', '-')}-{split}-{side}x{side}x{channels}-{place[:16]}"
    n_bytes = builder.info.splits[split].num_examples * side * side * channels
    file, kept = kept_pixels(stem, n_bytes, partial(_store, read, side, channels))
    labels, shape = kept["labels"].astype(np.int32), (side, side, channels)
    if file.stat().st_size <= LARGEST_IN_MEMORY:
        return np.fromfile(file, np.uint8).reshape(-1, *shape), labels
    return StoredImages(file, np.arange(len(labels)), shape), labels


def _with_labels(images: Images, labels: np.ndarray, what: str) -> tuple[Images, np.ndarray]:
    """Those that have one: -1 says that there is none, as of the test images of competitions."""
    known = np.flatnonzero(labels >= 0)
    if len(known) == len(labels):
        return images, labels
    print(f"{what}: {len(labels) - len(known)} images are left out, which have no label", file=sys.stderr)
    return chosen(images, known), labels[known]


def _store(read: Any, side: int, channels: int, file: Path) -> dict[str, np.ndarray]:
    labels = []

    def pixels() -> Iterator[np.ndarray]:
        for image, label in read():
            labels.append(label)
            yield _scaled(image, side, channels)

    write_pixels(file, pixels())
    return {"labels": np.array(labels, np.int32)}


def _scaled(image: np.ndarray, side: int, channels: int) -> np.ndarray:
    """uint8, (side, side, channels)."""
    picture = Image.fromarray(image[..., 0] if image.shape[-1] == 1 else image)
    picture, _ = as_eight_bits(picture, "L" if channels == 1 else "RGB")
    if picture.size != (side, side):
        picture = ImageOps.fit(picture, (side, side), Image.Resampling.BICUBIC)
    return np.asarray(picture).reshape(side, side, channels)


def _find_test(name: str, splits: dict[str, tuple[Images, np.ndarray]]) -> None:
    """Puts a test split where there is none."""
    if "test" in splits:
        return
    if "validation" in splits:
        print(f"{name} has no test split: its validation split serves to test", file=sys.stderr)
        splits["test"] = splits.pop("validation")
        return
    print(f"{name} has a training split alone: a fifth of it serves to test", file=sys.stderr)
    images, labels = splits["train"]
    order = np.random.default_rng(0).permutation(len(labels))
    test, train = (np.sort(part) for part in np.split(order, [round(HELD_OUT * len(labels))]))
    splits["train"], splits["test"] = ((chosen(images, part), labels[part]) for part in (train, test))


def _with_names(splits: dict[str, tuple[Images, np.ndarray]], class_names: list[str]) -> dict[str, Split]:
    """Labels counted anew: by split where train and test have no class in common, else for all splits together."""
    present = {split: np.unique(labels) for split, (_, labels) in splits.items()}
    by_class = not len(np.intersect1d(present["train"], present["test"]))
    everywhere = np.unique(np.concatenate(list(present.values())))
    named = {}
    for split, (images, labels) in splits.items():
        classes = present[split] if by_class else everywhere
        names = tuple(class_names[label] for label in classes)
        named[split] = Split(images, np.searchsorted(classes, labels).astype(np.int32), names)
    return named
