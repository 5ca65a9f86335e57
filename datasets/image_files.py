"""Image files of any common kind as arrays of one kind."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps
from tqdm import tqdm

from .cache import BAR_INTERVAL

SUFFIXES = (".jpg", ".jpeg", ".png", ".gif", ".bmp", ".webp")


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


def is_image(path: Path) -> bool:
    return path.suffix.lower() in SUFFIXES and path.is_file() and not path.name.startswith(".")


def read_images(
    paths: Sequence[Path], size: tuple[int, int], channels: int = 3, skip_bad: bool = False, description: str = "images"
) -> ImageFiles:
    """All files as (height, width) of `size` and 1 or 3 channels, read side by side.

    Images of another shape are scaled to cover the size and cropped about their centre.
    Raises UnreadableImage for the first file that is none, unless skip_bad leaves such files out and counts them.
    """

    def read(path: Path) -> tuple[np.ndarray | None, str, str]:
        try:
            return *read_image(path, size, channels), ""
        except UnreadableImage as error:
            if not skip_bad:
                raise
            return None, "", str(error)

    with ThreadPoolExecutor() as pool:
        bar = tqdm(pool.map(read, paths), f"reading {description}", len(paths), mininterval=BAR_INTERVAL)
        results = list(bar)
    images = [image for image, _, _ in results if image is not None]
    return ImageFiles(
        np.stack(images) if images else np.zeros((0, *size, channels), np.uint8),
        np.array([image is not None for image, _, _ in results], bool),
        dict(Counter(conversion for _, conversion, _ in results if conversion)),
        [message for _, _, message in results if message],
    )


def read_image(path: Path, size: tuple[int, int], channels: int) -> tuple[np.ndarray, str]:
    """uint8 (height, width, channels), and what had to be converted, empty where nothing had to.

    Turned upright by EXIF; transparency is laid on white; of an animation the first frame is taken; 16 bits become 8.
    Raises UnreadableImage for what is no whole image.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of large pictures and odd metadata: what can be read is read
            with Image.open(path) as file:
                file.draft("RGB", (2 * size[1], 2 * size[0]))  # a JPEG many times too large is decoded smaller
                converted, conversion = _as_eight_bits(file, "L" if channels == 1 else "RGB")
                upright = ImageOps.exif_transpose(converted)
                fitted = ImageOps.fit(upright, (size[1], size[0]), Image.Resampling.BICUBIC)
    except (OSError, SyntaxError, ValueError, EOFError, Image.DecompressionBombError) as error:
        raise UnreadableImage(f"{path} is no readable image: {error}") from error
    return np.asarray(fitted, np.uint8).reshape(*size, channels), conversion


def image_size(path: Path) -> tuple[int, int]:
    """(height, width) of the file, turned upright. Raises UnreadableImage for what is no image."""
    try:
        with Image.open(path) as file:
            width, height = ImageOps.exif_transpose(file).size
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise UnreadableImage(f"{path} is no readable image: {error}") from error
    return height, width


def _as_eight_bits(image: Image.Image, mode: str) -> tuple[Image.Image, str]:
    """The first frame in mode L or RGB, with what was done to it."""
    animated = "animation to its first frame, " if getattr(image, "n_frames", 1) > 1 else ""
    if image.mode == mode:
        return image.copy(), animated.rstrip(", ")
    if image.mode.startswith("I"):  # 16 bits, or 32 that hold 16
        values = np.asarray(image, np.uint32)
        grey = Image.fromarray((values // 257).clip(0, 255).astype(np.uint8))
        return grey.convert(mode), f"{animated}16 bits to 8"
    if "transparency" in image.info or image.mode in ("RGBA", "LA", "PA"):
        layers = image.convert("RGBA")
        paper = Image.new("RGBA", layers.size, "white")
        return Image.alpha_composite(paper, layers).convert(mode), f"{animated}transparency on white"
    return image.convert(mode), f"{animated}{image.mode} to {mode}"
