"""Images of any number: in memory where they are few, in a file under the cache where they are many."""

from __future__ import annotations

import hashlib
import os
import sys
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..training.files import check_room, whole_file
from .cache import cache_folder, cached_arrays
from .image_files import ImageFiles, read_images
from .progress import with_progress

DECODING = 2  # in the names that `obtain_images` gives files: raise it when image_files.py makes other pixels
LARGEST_IN_MEMORY = 2**28  # bytes: 12,000 images of 84x84x3
AT_ONCE = 2**26  # bytes of decoded images before they are written


@dataclass(frozen=True)
class StoredImages:
    """uint8 images (n, height, width, channels) in a file: an index reads those that it asks for, and keeps none.

    rows: of the file's images, those that these are, in their order. image_shape: (height, width, channels).
    """

    path: Path
    rows: np.ndarray
    image_shape: tuple[int, int, int]

    @property
    def shape(self) -> tuple[int, int, int, int]:
        return len(self.rows), *self.image_shape

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: Any) -> np.ndarray:
        # mapped anew each time: pages that were read count as this process's memory while the map exists
        pixels = np.memmap(self.path, np.uint8, "r").reshape(-1, *self.image_shape)
        return np.array(pixels[self.rows[index]])


def chosen(images: Images, indices: np.ndarray) -> Images:
    """Those images alone, where they are now."""
    if isinstance(images, StoredImages):
        return StoredImages(images.path, images.rows[indices], images.image_shape)
    return images[indices]


Images = Any  # np.ndarray or StoredImages: both have a shape and a length, and give uint8 arrays by index


def obtain_images(paths: Sequence[Path], size: tuple[int, int], channels: int, name: str) -> tuple[Images, ImageFiles]:
    """The files as images of (height, width) `size`, and what was found; those that are no image are left out.

    More than LARGEST_IN_MEMORY bytes of them are decoded into a file under the cache, once, and come as `StoredImages`.
    Raises ValueError where none of the files can be read, or there is none.
    """
    if not paths:
        raise ValueError(f"there is no file of {name} images")
    if len(paths) * size[0] * size[1] * channels <= LARGEST_IN_MEMORY:
        found = read_images(paths, size, channels, skip_bad=True, description=f"{name} images")
        images: Images = found.images
    else:
        images, found = _stored(paths, size, channels, name)
    if not len(images):
        raise ValueError(f"none of the {len(paths)} {name} images can be read: {found.unreadable[0]}")
    return images, found


def _stored(paths: Sequence[Path], size: tuple[int, int], channels: int, name: str) -> tuple[StoredImages, ImageFiles]:
    stem = f"{name}-{size[0]}x{size[1]}x{channels}-{_fingerprint(paths)}-d{DECODING}"
    n_bytes = len(paths) * size[0] * size[1] * channels
    file, said = kept_pixels(stem, n_bytes, lambda file: _store(paths, size, channels, name, file))
    read = np.ones(len(paths), bool)
    read[said["left_out"]] = False
    images = StoredImages(file, np.arange(read.sum()), (*size, channels))
    conversions = dict(zip(said["conversions"].tolist(), said["converted"].tolist(), strict=True))
    return images, ImageFiles(np.zeros((0, *size, channels), np.uint8), read, conversions, said["unreadable"].tolist())


def _store(paths: Sequence[Path], size: tuple[int, int], channels: int, name: str, file: Path) -> dict[str, np.ndarray]:
    """Decodes all files into one and returns what was found."""
    left_out: list[int] = []
    unreadable: list[str] = []
    conversions: Counter[str] = Counter()

    def decoded() -> Iterator[np.ndarray]:
        n = max(AT_ONCE // (size[0] * size[1] * channels), 1)
        for first in with_progress(range(0, len(paths), n), f"reading {name} images, {n} at a time"):
            found = read_images(paths[first : first + n], size, channels, skip_bad=True, description=None)
            left_out.extend(first + int(index) for index in np.flatnonzero(~found.read))
            unreadable.extend(found.unreadable)
            conversions.update(found.conversions)
            yield found.images

    write_pixels(file, decoded())
    return {
        "left_out": np.array(left_out, np.int64),
        "unreadable": np.array(unreadable, str),
        "conversions": np.array(list(conversions), str),
        "converted": np.array(list(conversions.values()), np.int64),
    }


def kept_pixels(
    name: str, n_bytes: int, make: Callable[[Path], dict[str, np.ndarray]]
) -> tuple[Path, dict[str, np.ndarray]]:
    """The file of pixels of that name under the cache, and the arrays that `make(file)` returned when it wrote it.

    n_bytes: of the pixels. Raises ValueError where there is no room for them.
    """
    file = cache_folder() / "images" / f"{name}.uint8"
    arrays = file.with_name(f"{name}.npz")

    def make_with_size() -> dict[str, np.ndarray]:
        check_room(file.parent, n_bytes)
        made = make(file)
        return {**made, "checksum": np.array(_checksum(file))}

    kept = cached_arrays(f"images/{name}.npz", make_with_size)
    if not file.exists() or _checksum(file) != kept["checksum"]:
        print(f"{file} is damaged: making it again", file=sys.stderr)
        arrays.unlink()
        kept = cached_arrays(f"images/{name}.npz", make_with_size)
    return file, kept


def _checksum(file: Path) -> int:
    """It takes a second for a gigabyte."""
    value = 0
    with file.open("rb") as pixels:
        while part := pixels.read(2**22):
            value = zlib.crc32(part, value)
    return value


def check_images(images: Images) -> None:
    """Raises ValueError for what is not uint8 images (n, height, width, channels), one at least."""
    kind = images.dtype if isinstance(images, np.ndarray) else np.dtype(np.uint8)
    if kind != np.uint8 or len(images.shape) != 4 or 0 in images.shape:
        raise ValueError(
            f"images are {kind} of shape {tuple(images.shape)}; they must be uint8 of 0 to 255, and (n, height, width, "
            "channels) with n of 1 or more"
        )


def check_distinct(images: Images, least: int, what: str) -> None:
    """Raises ValueError where fewer than `least` of the images differ. what: their name, and what takes so many."""
    seen: set[bytes] = set()
    for first in range(0, len(images), 1000):
        seen.update(hashlib.sha256(image.tobytes()).digest() for image in images[first : first + 1000])
        if len(seen) >= least:
            return
    raise ValueError(f"{what}, and of these {len(images)} only {len(seen)} differ from each other")


def write_pixels(file: Path, batches: Iterable[np.ndarray]) -> None:
    """Writes uint8 images, a batch at a time, as `StoredImages` reads them: the file is whole or not there."""
    with whole_file(file) as part, part.open("wb") as pixels:
        for batch in batches:
            pixels.write(batch.tobytes())


def _fingerprint(paths: Sequence[Path]) -> str:
    """Sixteen digits that change with any file's place, size or time of change."""
    digest = hashlib.sha256()
    for path in paths:
        digest.update(os.fsencode(path.absolute()))
        try:
            status = path.stat()
            digest.update(f" {status.st_size} {status.st_mtime_ns}\n".encode())
        except OSError:
            digest.update(b" missing\n")  # reading it will raise the error
    return digest.hexdigest()[:16]
