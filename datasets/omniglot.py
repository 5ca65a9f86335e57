"""Omniglot: 1,623 handwritten characters of 50 alphabets, 20 drawings each.

Brenden Lake, Ruslan Salakhutdinov, Joshua Tenenbaum: "Human-level concept learning through probabilistic program
induction", Science 350 (2015). Read through TensorFlow Datasets: https://www.tensorflow.org/datasets/catalog/omniglot
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from .cache import cached_arrays
from .dataset import Dataset, split_by_class
from .prepared import prepared_builder
from .progress import with_progress

SOURCE = "https://github.com/brendenlake/omniglot"
IMAGE_SIZE = 28
N_CLASSES = {"train": 1200, "validation": 100, "test": 323}


def omniglot(data_dir: str | Path | None = None, split_seed: int = 0) -> Dataset:
    """The few-shot Omniglot of the literature: 28x28x1, ink is 1, characters split 1,200 / 100 / 323.

    data_dir: where TensorFlow Datasets keeps or puts its copy; None means `$TFDS_DATA_DIR` or its own default.
    split_seed: of the shuffle of the characters that makes the splits. Results under two seeds do not compare.
    Raises RuntimeError where there is neither a prepared copy nor a network to download it.
    """
    arrays = cached_arrays(f"omniglot-{IMAGE_SIZE}.npz", lambda: _read(data_dir))
    names = [str(name) for name in arrays["class_names"]]
    order = np.random.default_rng(split_seed).permutation(len(names))
    classes_of, start = {}, 0
    for split, count in N_CLASSES.items():
        classes_of[split] = sorted(order[start : start + count].tolist())
        start += count
    dataset = split_by_class("omniglot", arrays["images"], arrays["labels"], names, classes_of)
    return replace(dataset, inverted=True)


def _read(data_dir: str | Path | None) -> dict[str, np.ndarray]:
    """Decodes, inverts and shrinks the 32,460 drawings (about half a minute)."""
    import tensorflow as tf

    def shrink(example: dict[str, tf.Tensor]) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        ink = 1.0 - tf.cast(example["image"][..., :1], tf.float32) / 255.0  # (105, 105, 1), paper is 0
        small = tf.image.resize(ink, (IMAGE_SIZE, IMAGE_SIZE), antialias=True)  # (28, 28, 1)
        return tf.cast(tf.round(255.0 * small), tf.uint8), example["label"], example["alphabet"]

    builder = prepared_builder("omniglot", SOURCE, data_dir, "use --dataset glyphs, which needs no download")
    examples = builder.as_dataset(split="train+test", shuffle_files=False)
    batches = examples.map(shrink, num_parallel_calls=tf.data.AUTOTUNE).batch(1024)
    batches = with_progress(batches.as_numpy_iterator(), "reading omniglot", len(batches))
    images, labels, alphabets = (np.concatenate(part) for part in zip(*batches, strict=True))
    alphabet_of = dict(zip(labels.tolist(), alphabets.tolist(), strict=True))
    alphabet_name, label_name = (builder.info.features[key].int2str for key in ("alphabet", "label"))
    names = [f"{alphabet_name(alphabet_of[label])}/{label_name(label)}" for label in range(len(alphabet_of))]
    return {"images": images, "labels": labels.astype(np.int32), "class_names": np.array(names)}
