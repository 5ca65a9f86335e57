"""Image files of any common kind as arrays of one kind."""

from __future__ import annotations

import sys
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from .progress import with_progress

# https://www.cipa.jp/std/documents/e/DC-008-2012_E.pdf, tag 274
ORIENTATION = 0x0112
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
SIDEWAYS = (5, 6, 7, 8)
# By content, whatever the suffix: Pillow opens many more, PostScript by an interpreter.
FORMATS = ("JPEG", "PNG", "GIF", "BMP", "WEBP", "TIFF")
SUFFIXES = (".jpg", ".jpeg", ".png", ".gif", ".bmp", ".webp", ".tif", ".tiff")


KINDS = ", ".join(SUFFIXES)
THREADS = 8
LARGE = 2**26  # bytes, above which an image is averaged down before anything else is done to it
# Large images wait for each other in one thread: what a thread's images needed stays with the thread.
_ONE_BY_ONE = ThreadPoolExecutor(1)


class UnreadableImage(ValueError):
    """A file that is no whole image; the message names it."""


@dataclass(frozen=True)
class ImageFiles:
    """What `read_images` found.

    images: uint8, (n, height, width, channels). read: for each path, whether it is among them.
    conversions: how many files were converted, by what was done. unreadable: messages that name the files left out.
    """

    images: np.ndarray
    read: np.ndarray
    conversions: dict[str, int]
    unreadable: list[str]


@contextmanager
def quiet() -> Iterator[None]:
    """Without Pillow's warnings, of large pictures and odd metadata: what can be read is read."""
    with warnings.catch_warnings():  # in the calling thread, because warning filters are global
        warnings.simplefilter("ignore")
        yield


def is_image(path: Path) -> bool:
    """Is it called so? A broken link is too: who reads it is told."""
    is_there = path.is_file() or path.is_symlink()
    return path.suffix.lower() in SUFFIXES and is_there and not path.name.startswith(".")


def read_images(
    paths: Sequence[Path],
    size: tuple[int, int],
    channels: int = 3,
    skip_bad: bool = False,
    description: str | None = "images",
) -> ImageFiles:
    """All files as (height, width) of `size` and 1 or 3 channels, read side by side, under a bar if there is a name.

    Images of another shape are scaled to cover the size and cropped about their centre.
    Raises UnreadableImage for the first file that is none, unless skip_bad leaves such files out and counts them;
    ValueError for a size below one pixel or other channels.
    """
    if min(size) < 1 or channels not in (1, 3):
        raise ValueError(f"images of {size[0]}x{size[1]} with {channels} channels: sides of 1 or more, 1 or 3 channels")

    def read(path: Path) -> tuple[np.ndarray | None, str, str]:
        try:
            return *read_image(path, size, channels), ""
        except UnreadableImage as error:
            if not skip_bad:
                raise
            return None, "", str(error)

    images, was_read = np.empty((len(paths), *size, channels), np.uint8), np.zeros(len(paths), bool)
    conversions: Counter[str] = Counter()
    unreadable = []
    with quiet(), ThreadPoolExecutor(THREADS) as pool:
        try:
            reading = pool.map(read, paths)
            results = with_progress(reading, f"reading {description}", len(paths)) if description else reading
            for number, (image, conversion, message) in enumerate(results):
                if image is None:
                    unreadable.append(message)
                    continue
                images[number], was_read[number] = image, True
                conversions.update([conversion] * bool(conversion))
        except BaseException:  # an unreadable file, or Ctrl-C
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return ImageFiles(images if was_read.all() else images[was_read], was_read, dict(conversions), unreadable)


def read_image(path: Path, size: tuple[int, int], channels: int) -> tuple[np.ndarray, str]:
    """uint8 (height, width, channels), and what had to be converted, empty where nothing had to.

    Turned upright by EXIF; transparency is laid on white; of an animation the first frame is taken; 16 bits become 8.
    Raises UnreadableImage for what is no whole image, and for pixels of fractions or 32 bits.
    """
    try:
        with Image.open(path, formats=FORMATS) as file:
            file.draft("RGB", (2 * max(size), 2 * max(size)))  # a JPEG many times too large is decoded smaller
            return as_pixels(file, size, channels)
    except Exception as error:  # Pillow raises many kinds of errors for damaged files
        raise UnreadableImage(f"{path} is no readable image: {error}") from error


def as_pixels(image: Image.Image, size: tuple[int, int], channels: int) -> tuple[np.ndarray, str]:
    """What `read_image` gives, of an image that is open."""
    animated = getattr(image, "n_frames", 1) > 1
    needed = image.width * image.height * (1 if image.mode == "L" else 5)  # 4 of these 5 once converted
    fit = partial(_fitted, image, size, channels)
    fitted, conversion = fit() if needed < LARGE else _ONE_BY_ONE.submit(fit).result()
    conversions = ["animation to its first frame"] * animated + [conversion] * bool(conversion)
    return np.asarray(fitted, np.uint8).reshape(*size, channels), ", ".join(conversions)


def image_size(path: Path) -> tuple[int, int]:
    """(height, width) of the file, turned upright. Raises UnreadableImage for what is no image."""
    try:
        with quiet(), Image.open(path, formats=FORMATS) as file:
            width, height = file.size
            if file.format != "TIFF" and _orientation(file) in SIDEWAYS:  # Pillow itself turns TIFFs
                width, height = height, width
    except Exception as error:
        raise UnreadableImage(f"{path} is no readable image: {error}") from error
    return height, width


def _fitted(file: Image.Image, size: tuple[int, int], channels: int) -> tuple[Image.Image, str]:
    if file.mode == "F" or (file.mode == "I" and file.format != "PNG"):
        raise ValueError(
            "its pixels are fractions, signed or of 32 bits, whose range nobody knows: scale them to 8 or 16 bits"
        )
    file.load()  # of a TIFF this turns the image, and takes the tag away
    # turned first, because a conversion may lose the orientation tag
    upright = _turned(_fewer_pixels(file, 4 * max(size)), _orientation(file))
    converted, conversion = as_eight_bits(upright, "L" if channels == 1 else "RGB")
    return ImageOps.fit(converted, (size[1], size[0]), Image.Resampling.BICUBIC), conversion


def _fewer_pixels(image: Image.Image, side: int) -> Image.Image:
    """A very large image averaged down by a whole factor, its shorter side no less than `side` afterwards."""
    factor = min(image.size) // side
    can = image.mode in ("L", "RGB", "RGBA", "LA", "CMYK") and "transparency" not in image.info
    return image.reduce(factor) if can and factor > 1 and image.width * image.height > LARGE // 4 else image


def _orientation(image: Image.Image) -> int:
    """As EXIF says. Pillow's own function for turning fails where other metadata are damaged."""
    try:
        return image.getexif().get(ORIENTATION, 1)
    except Exception:  # unreadable metadata: the image stays as it is
        return 1


def _turned(image: Image.Image, orientation: int) -> Image.Image:
    return image.transpose(TURNS[orientation]) if orientation in TURNS else image


def report_other_files(folder: Path, others: Sequence[Path]) -> None:
    """Prints how many files of the folder have no suffix of an image, and the names of some."""
    if others:
        print(
            f"{folder}: {len(others)} files are left out, which are not {KINDS}: {some_of(others, folder)}",
            file=sys.stderr,
        )


def some_of(files: Sequence[Path], folder: Path, shown: int = 5) -> str:
    """The first of the names, as the folder has them, and how many more there are."""
    names = ", ".join(str(file.relative_to(folder)) for file in files[:shown])
    return names + f" and {len(files) - shown} more" * (len(files) > shown)


def report_skipped_files(found: ImageFiles, name: str) -> None:
    """Prints how many files were converted, and which were left out."""
    for conversion, count in sorted(found.conversions.items()):
        print(f"{name} images: {count} converted, {conversion}", file=sys.stderr)
    if found.unreadable:
        print(f"{name} images: {len(found.unreadable)} left out:", *found.unreadable, sep="\n  ", file=sys.stderr)


def as_eight_bits(image: Image.Image, mode: str) -> tuple[Image.Image, str]:
    """The image in mode L or RGB, with what was done to it."""
    if image.mode.startswith("I"):  # 16 bits, or 32 bits that hold 16
        values = np.asarray(image, np.uint32)
        grey = Image.fromarray((values // 257).clip(0, 255).astype(np.uint8))
        dark = ", nearly black, for no pixel is above 4,095 of 65,535: scale them" * bool(values.max() < 2**12)
        return grey.convert(mode), f"16 bits to 8{dark}"
    if "transparency" in image.info or image.mode in ("RGBA", "LA", "PA"):
        layers = image.convert("RGBA")
        paper = Image.new("RGBA", layers.size, "white")
        return Image.alpha_composite(paper, layers).convert(mode), "transparency on white"
    if image.mode == mode:
        return image.copy(), ""
    return image.convert(mode), f"{image.mode} to {mode}"
