"""Images of any number: in memory where they are few, in a file under the cache where they are many."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from .cache import cache_folder, cached_arrays
from .image_files import ImageFiles, read_images
from .progress import with_progress

LARGEST_IN_MEMORY = 2**29  # bytes: 25,000 images of 84x84x3
AT_ONCE = 2000  # files that are decoded before they are written


@dataclass(frozen=True)
class StoredImages:
    """uint8 images (n, height, width, channels) in a file: an index reads those that it asks for, and keeps none."""

    path: Path
    shape: tuple[int, int, int, int]

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, index: Any) -> np.ndarray:
        # mapped anew each time, for pages that were read count as this process's memory as long as the map is there
        return np.array(np.memmap(self.path, np.uint8, "r", shape=self.shape)[index])


Images = Any  # np.ndarray or StoredImages: both have a shape and a length, and give uint8 arrays by index


def obtain_images(paths: Sequence[Path], size: tuple[int, int], channels: int, name: str) -> tuple[Images, ImageFiles]:
    """The files as images of (height, width) `size`, and what was found; those that are no image are left out.

    More than LARGEST_IN_MEMORY bytes of them are decoded into a file under the cache, once, and come as `StoredImages`.
    Raises ValueError where none of the files can be read.
    """
    if len(paths) * size[0] * size[1] * channels <= LARGEST_IN_MEMORY:
        found = read_images(paths, size, channels, skip_bad=True, description=f"{name} images")
        images: Images = found.images
    else:
        images, found = _stored(paths, size, channels, name)
    if not len(images):
        raise ValueError(f"none of the {len(paths)} {name} images can be read: {found.unreadable[0]}")
    return images, found


def _stored(paths: Sequence[Path], size: tuple[int, int], channels: int, name: str) -> tuple[StoredImages, ImageFiles]:
    stem = f"{name}-{size[0]}x{size[1]}x{channels}-{_fingerprint(paths)}"
    file, said = kept_pixels(stem, lambda file: _store(paths, size, channels, name, file))
    read = np.ones(len(paths), bool)
    read[said["left_out"]] = False
    images = StoredImages(file, (int(read.sum()), *size, channels))
    conversions = dict(zip(said["conversions"].tolist(), said["converted"].tolist(), strict=True))
    return images, ImageFiles(np.zeros((0, *size, channels), np.uint8), read, conversions, said["unreadable"].tolist())


def _store(paths: Sequence[Path], size: tuple[int, int], channels: int, name: str, file: Path) -> dict[str, np.ndarray]:
    """Decodes all files into one and returns what was found."""
    left_out: list[int] = []
    unreadable: list[str] = []
    conversions: Counter[str] = Counter()

    def decoded() -> Iterator[np.ndarray]:
        for first in with_progress(range(0, len(paths), AT_ONCE), f"reading {name} images, {AT_ONCE} at a time"):
            found = read_images(paths[first : first + AT_ONCE], size, channels, skip_bad=True, description=None)
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


def kept_pixels(name: str, make: Callable[[Path], dict[str, np.ndarray]]) -> tuple[Path, dict[str, np.ndarray]]:
    """The file of pixels of that name under the cache, and the arrays that `make(file)` returned when it wrote it."""
    file = cache_folder() / "images" / f"{name}.uint8"
    if not file.exists():
        file.with_name(f"{name}.npz").unlink(missing_ok=True)
    return file, cached_arrays(f"images/{name}.npz", lambda: make(file))


def write_pixels(file: Path, batches: Iterable[np.ndarray]) -> None:
    """Writes uint8 images, a batch at a time, as `StoredImages` reads them: the file is whole or not there."""
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix(f".{os.getpid()}.part")
    try:
        with part.open("wb") as pixels:
            for batch in batches:
                pixels.write(batch.tobytes())
        os.replace(part, file)
    finally:
        part.unlink(missing_ok=True)


def _fingerprint(paths: Sequence[Path]) -> str:
    """Sixteen digits that change with any file's place, size or time of change."""
    digest = hashlib.sha256()
    for path in paths:
        status = path.stat()
        digest.update(f"{path.resolve()} {status.st_size} {status.st_mtime_ns}\n".encode())
    return digest.hexdigest()[:16]
