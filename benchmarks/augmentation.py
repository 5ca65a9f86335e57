"""Images a second of each augmentation of tasks: python -m latentshot.benchmarks.augmentation --help"""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import tensorflow as tf
from keras import layers
from tabulate import tabulate

from ..experiment.command_line import errors_as_messages, parse
from ..lasium.augmentation.image_map import ImageMap
from ..lasium.augmentation.keras_map import KerasMap
from ..lasium.augmentation.named import augmentation
from .harness import WARM_UP, Options, write

BATCH = 128
SHAPES = ((28, 28, 1), (32, 32, 3), (84, 84, 3))


def main() -> None:
    with errors_as_messages():
        options = parse(Options, __doc__)
        rows = [_row(name, image_map, options.steps) for name, image_map in _maps().items()]
        print(f"\nAugmentations of {BATCH} images, images a second")
        print(tabulate(rows, headers="keys", floatfmt=".0f", missingval=""), flush=True)
        write(options.json_file, {"rows": rows})


def _maps() -> dict[str, ImageMap]:
    affine, elastic, pen_width = augmentation("print").maps
    crop, colours, grey = augmentation("photograph").maps
    return {
        "affine": affine,
        "elastic": elastic,
        "pen width": pen_width,
        "crop and flip": crop,
        "flip, Keras's": KerasMap(layers.RandomFlip("horizontal")),
        "colours, Keras's": colours,
        "grey, Keras's": grey,
        "erasing, Keras's": KerasMap(layers.RandomErasing(value_range=(0, 1))),
        "ink": augmentation("ink"),
        "print": augmentation("print"),
        "photograph": augmentation("photograph"),
    }


def _row(name: str, image_map: ImageMap, steps: int) -> dict[str, Any]:
    """Medians over the batches of a stream, as the stream of tasks has them."""
    row: dict[str, Any] = {"augmentation": name}
    for shape in SHAPES:
        if shape[-1] == 1 and name in ("colours, Keras's", "grey, Keras's", "photograph"):
            continue
        images = tf.random.stateless_uniform((BATCH, *shape), (0, 0))

        def change(number: tf.Tensor, images: tf.Tensor = images) -> tf.Tensor:
            return image_map(images, tf.stack([number, number]))

        stream = iter(tf.data.Dataset.range(WARM_UP + steps).map(change))
        seconds = []
        for _ in range(WARM_UP + steps):
            start = time.perf_counter()
            next(stream)
            seconds.append(time.perf_counter() - start)
        row["x".join(map(str, shape))] = BATCH / float(np.median(seconds[WARM_UP:]))
    return row


if __name__ == "__main__":
    main()
