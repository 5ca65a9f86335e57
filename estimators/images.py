"""Images as people have them, as the images that an export takes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from ..datasets.image_files import as_pixels, read_images

ImageShape = tuple[int, int, int]


def collected(images: Any, image_shape: ImageShape) -> Any:
    """One array (n, height, width, channels): uint8 of files alone and of an array of integers, else floats in [0, 1].

    images: a list, or a column, of files, PIL images and arrays, mixed as you like and of any size; or one array of all
        (n, height, width, channels), or without channels where the export takes one. Integers are from 0 to 255, floats
        from 0 to 1. Files and PIL images of another size are scaled to cover the export's and cropped, as in training.
    Raises ValueError for what is no image, with its number or its name.
    """
    if isinstance(images, str | Path | Image.Image):
        raise ValueError("these are images, in a list: for one, give a list of one")
    if hasattr(images, "shape") and not _is_column(images):
        return _batch(images, image_shape)
    images = list(images)
    if not images:
        raise ValueError("there is no image: the list is empty")
    height, width, channels = image_shape
    if all(isinstance(image, str | Path) for image in images):
        return read_images([Path(image) for image in images], (height, width), channels, description=None).images
    return np.stack([_one(image, number, image_shape) for number, image in enumerate(images)])


def _is_column(images: Any) -> bool:
    """Is it an array, or a column of a table, of files or PIL images?"""
    return len(images.shape) == 1 and getattr(images, "dtype", np.dtype(float)).kind in "OUT"


def pixels(images: np.ndarray, invert: bool) -> np.ndarray:
    """float32 in [0, 1]; with invert the negative."""
    scaled = images.astype(np.float32) / (255.0 if images.dtype == np.uint8 else 1.0)
    return 1.0 - scaled if invert else scaled


def _batch(images: Any, image_shape: ImageShape) -> Any:
    """The array of all images, looked at where it is in memory; one in a file is of bytes."""
    shape = tuple(images.shape)
    if shape[1:] == image_shape[:2] and image_shape[2] == 1:
        images, shape = np.asarray(images)[..., None], (*shape, 1)
    if len(shape) != 4:
        raise ValueError(
            f"an array of shape {shape}: images are (n, height, width, channels); one alone is image[None]"
        )
    if not shape[0]:
        raise ValueError("there is no image: the array is empty")
    if shape[1:] != image_shape:
        return np.stack([_one(image, number, image_shape) for number, image in enumerate(np.asarray(images))])
    if not hasattr(images, "dtype"):
        return images  # in a file
    return _in_range(np.asarray(images), "the array")


def _one(image: Any, number: int, image_shape: ImageShape) -> np.ndarray:
    """float32 in [0, 1], (height, width, channels)."""
    height, width, channels = image_shape
    if isinstance(image, str | Path):
        return pixels(read_images([Path(image)], (height, width), channels, description=None).images[0], invert=False)
    if not isinstance(image, Image.Image):
        array = _in_range(_as_array(image, number), f"image {number}")
        if array.shape == image_shape or (array.shape == (height, width) and channels == 1):
            return pixels(array.reshape(image_shape), invert=False)
        image = _as_pil(array, number)
    try:
        return pixels(as_pixels(image, (height, width), channels)[0], invert=False)
    except Exception as error:  # Pillow decodes late, and raises many kinds of errors for damaged files
        raise ValueError(f"image {number} is no readable image: {error}") from error


def _as_array(image: Any, number: int) -> np.ndarray:
    try:
        array = np.asarray(image)
    except Exception as error:
        raise ValueError(f"image {number} is a {type(image).__name__}: give files, PIL images or arrays") from error
    if array.dtype.kind not in "biuf":
        raise ValueError(f"image {number} is a {type(image).__name__}: give files, PIL images or arrays")
    return array


def _in_range(images: np.ndarray, name: str) -> np.ndarray:
    """uint8 as they are, other integers as uint8, floats as float32. Raises ValueError for values beyond the range."""
    if images.dtype == np.uint8:
        return images
    if not images.size or images.dtype.kind not in "biuf":
        raise ValueError(f"{name} has no pixels")
    if images.dtype.kind == "b":
        return images.astype(np.float32)
    top = 1.0 if images.dtype.kind == "f" else 255
    least, most = images.min(), images.max()
    if not (least >= 0 and most <= top):
        raise ValueError(
            f"{name} has values from {least:g} to {most:g}: floats are from 0 to 1, integers from 0 to 255"
        )
    return images.astype(np.float32 if images.dtype.kind == "f" else np.uint8)


def _as_pil(array: np.ndarray, number: int) -> Image.Image:
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[..., 0]
    if array.ndim != 2 and not (array.ndim == 3 and array.shape[2] in (3, 4)):
        raise ValueError(f"image {number} has the shape {array.shape}: (height, width), or with 1, 3 or 4 channels")
    return Image.fromarray(array if array.dtype == np.uint8 else np.round(255 * array).astype(np.uint8))
