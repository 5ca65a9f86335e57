"""Pictures of tasks and of latent interpolations, as in figures 1 to 3 of Khodadadeh et al. 2020."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import tensorflow as tf

from ...experiment.plots import save_image_sheet
from ...models.generator import EncodingGenerator
from ..tasks.strategies import NEAR_BORDER, Noise, OtherClasses, RandomOutOfClass, Strategy, Varied
from ..tasks.synthetic import SyntheticSource

N_COLUMNS = 10
N_ANCHORS = 3
N_CLASSES = 12
N_PAIRS = 6


def save_task(path: Path, tasks: tf.data.Dataset, inverted: bool = False, n_tasks: int = 1) -> None:
    """The first tasks of a stream: a class a row, its support to the left and its queries to the right (figure 4).

    Of a wide task N_CLASSES, taken evenly.
    """
    sheets, labels = [], []
    for number, (x, y) in enumerate(tasks.unbatch().take(n_tasks)):
        n_way = int(tf.reduce_max(y)) + 1
        shown = np.arange(min(n_way, N_CLASSES)) * n_way // min(n_way, N_CLASSES)
        parts = [x[name].numpy() for name in ("support_images", "query_images")]
        by_class = [part.reshape(n_way, -1, *part.shape[1:])[shown] for part in parts]
        sheets.append(np.concatenate(by_class, axis=1))
        labels += [f"task {number}, class {i}" if n_tasks > 1 else f"class {i}" for i in shown]
    k_shot = by_class[0].shape[1]
    save_image_sheet(path, np.concatenate(sheets), ["support", "query"], labels, k_shot, inverted)


def save_interpolations(path: Path, source: SyntheticSource, seed: int, n_way: int, inverted: bool = False) -> None:
    """From anchors outwards: along noise to sigma2 = 2 (N), to an out-of-class vector (RO), to another anchor (OC).

    n_way: anchors that the source is known to find apart from each other. A red line shows how far its strategy goes.
    """
    n_anchors = min(N_ANCHORS, n_way)
    drawn = source.anchors.sample(n_anchors, tf.constant([seed, 0]))
    anchors = source.anchors.latents(drawn)  # (anchors, d)
    out_of_class = source.anchors.sample_out_of_class(anchors, 1, tf.constant([seed, 1]))[:, 0]
    noise = 2.0**0.5 * tf.random.stateless_normal(anchors.shape, tf.constant([seed, 2]))
    ends = {"N": anchors + noise, "RO": out_of_class, "OC": tf.roll(anchors, -1, axis=0)}
    share = tf.linspace(0.0, 1.0, N_COLUMNS)[None, :, None]
    latents = tf.concat([anchors[:, None] + share * (end - anchors)[:, None] for end in ends.values()], axis=0)
    images = tf.reshape(
        source.generator.generate(tf.reshape(latents, (-1, anchors.shape[1]))),
        (len(ends) * n_anchors, N_COLUMNS, *source.image_shape),
    )
    labels = [f"{name}, anchor {i}" for name in ends for i in range(n_anchors)]
    own, reach = _reach(source.strategy)
    marks = [reach * (N_COLUMNS - 1) if name == own else None for name in ends for _ in range(n_anchors)]
    title = "alpha from 0 to 1; for N, sigma2 from 0 to 2. Red: as far as this run goes"
    save_image_sheet(path, np.asarray(images), [title], labels, inverted=inverted, marks=marks)


def save_between_images(path: Path, generator: EncodingGenerator, images: np.ndarray, inverted: bool = False) -> None:
    """From one image to another in equal steps between their latents; at the ends the images themselves.

    images: float32 in [0, 1], (n, height, width, channels); the first half is paired with the second.
    """
    n = min(N_PAIRS, max(1, len(images) // 2))
    ends = [images[:n], images[len(images) // 2 :][:n]]
    latents = [generator.encode(end)[:, None] for end in ends]  # each (pairs, 1, d)
    share = tf.linspace(0.0, 1.0, N_COLUMNS)[None, :, None]
    between = tf.reshape(latents[0] + share * (latents[1] - latents[0]), (n * N_COLUMNS, -1))
    decoded = np.reshape(generator.generate(between), (n, N_COLUMNS, *images.shape[1:]))
    sheet = np.concatenate([ends[0][:, None], decoded, ends[1][:, None]], axis=1)
    save_image_sheet(path, sheet, ["decoded between two images"], [f"pair {i}" for i in range(n)], inverted=inverted)


def _reach(strategy: Strategy) -> tuple[str, float]:
    """The strategy's name, and the share of the way to the end of the row that it goes."""
    if isinstance(strategy, Varied):
        return _reach(strategy.strategy)
    if isinstance(strategy, Noise):
        return "N", (strategy.sigma2 / 2.0) ** 0.5
    if isinstance(strategy, OtherClasses):
        return "OC", min(strategy.alpha, NEAR_BORDER / 2.0)
    assert isinstance(strategy, RandomOutOfClass)
    return "RO", strategy.alpha
