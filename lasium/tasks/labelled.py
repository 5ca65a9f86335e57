"""Real tasks from labelled images: for evaluation, and for the supervised rows of the paper's tables."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from ...datasets import Split
from ...datasets.attributes import AttributeSplit
from ...datasets.gathering import image_reader
from .attributes import AttributeSource
from .stream import TaskShape, TaskSource, task_stream


class ClassDraw:
    """Draws classes without repetition, and images without repetition from each, by their indices.

    labels: of each image, (n,), from 0 on. n_classes: with those that have no image. name: of the images, for messages.
    Raises ValueError for too few classes with enough images for the task asked.
    """

    def __init__(self, labels: np.ndarray, shape: TaskShape, name: str, n_classes: int = 0):
        counts = np.bincount(labels, minlength=n_classes)
        enough = np.flatnonzero(counts >= shape.images_per_class)
        if len(enough) < shape.n_way:
            raise ValueError(
                f"{shape.n_way}-way tasks of {shape.k_shot} + {shape.n_query} images a class "
                f"need {shape.n_way} classes with {shape.images_per_class} images each; "
                f"the {name} has {len(counts)} classes, of which {len(enough)} have that many "
                f"(the largest has {counts.max(initial=0)}). {_way_out(counts, shape)}"
            )
        self.by_class = tf.constant(np.argsort(labels, kind="stable").astype(np.int64))
        starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
        self.starts, self.counts = tf.constant(starts[enough]), tf.constant(counts[enough])

    def plan(self, shape: TaskShape, seed: tf.Tensor) -> tf.Tensor:
        """Indices of images, (n_way, k_shot + n_query)."""
        class_seed, image_seed = tf.unstack(tf.random.experimental.stateless_split(seed, 2))
        n_classes = len(self.counts)
        classes = tf.math.top_k(tf.random.stateless_uniform((n_classes,), class_seed), shape.n_way).indices
        counts, starts = tf.gather(self.counts, classes), tf.gather(self.starts, classes)  # (n_way,)
        order = tf.random.stateless_uniform((shape.n_way, tf.reduce_max(self.counts)), image_seed)
        exists = tf.range(tf.reduce_max(self.counts))[None, :] < counts[:, None]
        places = tf.math.top_k(tf.where(exists, order, -1.0), shape.images_per_class).indices
        return tf.gather(self.by_class, starts[:, None] + tf.cast(places, tf.int64))


class LabelledSource:
    """Tasks of classes drawn without repetition, of images drawn without repetition from each.

    Raises ValueError where the split has too few classes with enough images for the task asked.
    """

    def __init__(self, split: Split, shape: TaskShape, name: str = "split"):
        self.draw = ClassDraw(split.labels, shape, name, len(split.class_names))
        self.read = image_reader(split.images)
        self.image_shape: tuple[int, int, int] = split.images.shape[1:]  # type: ignore[assignment]

    def plan(self, shape: TaskShape, seed: tf.Tensor) -> tf.Tensor:
        """Indices of images, (n_way, k_shot + n_query)."""
        return self.draw.plan(shape, seed)

    def render(self, plans: tf.Tensor) -> tf.Tensor:
        return self.read(plans)


def most_queries(counts: np.ndarray, n_way: int, k_shot: int) -> int:
    """The most queries a class for which n_way classes have enough images; 0 for none. counts: images a class."""
    return max(0, int(np.sort(counts)[-n_way]) - k_shot) if len(counts) >= n_way else 0


def _way_out(counts: np.ndarray, shape: TaskShape) -> str:
    """The first of n_query, k_shot and n_way that can be lowered alone, and to what."""
    way, shot, query = shape.names
    if n_query := most_queries(counts, shape.n_way, shape.k_shot):
        return f"{query} {n_query} works"
    if (k_shot := most_queries(counts, shape.n_way, shape.n_query)) > 0:
        return f"{shot} {k_shot} works"
    if (n_way := int(np.sum(counts >= shape.images_per_class))) > 1:
        return f"{way} {n_way} works"
    if (n_query := most_queries(counts, 2, shape.k_shot)) > 0:
        return f"{way} 2 with {query} {n_query} works"
    return f"Lower {way}, {shot} or {query}, or add images"


def labelled_source(split: Split | AttributeSplit, shape: TaskShape, name: str = "split") -> TaskSource:
    """The tasks of a labelled split: of its classes, or of its attributes. Raises ValueError where it is too small."""
    if isinstance(split, AttributeSplit):
        return AttributeSource(split, shape, name)
    return LabelledSource(split, shape, name)


def labelled_tasks(
    split: Split | AttributeSplit,
    n_way: int = 5,
    k_shot: int = 1,
    n_query: int = 15,
    meta_batch_size: int = 4,
    seed: int = 0,
    start: int = 0,
    n_tasks: int | None = None,
) -> tf.data.Dataset:
    """A stream of batches of labelled tasks, endless unless n_tasks, a multiple of meta_batch_size, says how many.

    Raises ValueError for a split too small for the task asked, and for an n_tasks that is no multiple.
    """
    if n_tasks is not None and n_tasks % meta_batch_size:
        raise ValueError(f"n_tasks ({n_tasks}) must be a multiple of meta_batch_size ({meta_batch_size})")
    shape = TaskShape(n_way, k_shot, n_query)
    n_batches = None if n_tasks is None else n_tasks // meta_batch_size
    return task_stream(labelled_source(split, shape), shape, meta_batch_size, seed, start=start, n_batches=n_batches)
