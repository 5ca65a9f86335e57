"""CACTUs: clusters of unlabelled images as classes.

Kyle Hsu, Sergey Levine, Chelsea Finn: "Unsupervised learning via meta-learning", ICLR 2019,
https://arxiv.org/abs/1810.02334. The clusters' number and scaling are those of their scripts,
https://github.com/kylehkhsu/cactus-maml; the meta-training is LASIUM's, on 4 tasks of 5 classes a step, where they have
8 of 20 classes for 30,000 steps on Omniglot.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
import tensorflow as tf
from sklearn.decomposition import PCA
from threadpoolctl import threadpool_limits

from ...datasets.gathering import image_reader
from ...datasets.image_store import Images
from ...datasets.progress import with_progress
from .augmentation import TaskAugmentation
from .clusters import STARTS, check_n_clusters, k_means
from .labelled import ClassDraw
from .stream import TaskShape, task_stream

AT_ONCE = 8  # clusterings, each of which holds some copies of the features
EXACT_DIMENSIONS = 4096  # beyond which a covariance takes gigabytes: a network's flattened maps
MOST_DIMENSIONS = 256  # of Hsu et al.'s encodings; conv4 has 256 of small images, and 1,600 of 84x84 pixels


class ClusterSource:
    """Each task is of a partition drawn at random: its classes are different clusters, their images different members.

    images: uint8, (n, height, width, channels). partitions: the cluster of each image in each, whole numbers from 0 on,
    (n_partitions, n). A cluster with fewer images than a class of the task is never drawn. Where the only partition is
    of the true classes ("oracle"), the tasks are those of `LabelledSource`.
    Raises ValueError for partitions of other images, and for one with too few clusters that have enough.
    """

    def __init__(self, images: Images, partitions: Sequence[np.ndarray] | np.ndarray, shape: TaskShape):
        self.read = image_reader(images)
        self.image_shape: tuple[int, int, int] = images.shape[1:]  # type: ignore[assignment]
        self.draws = [_draw(np.asarray(labels), number, len(images), shape) for number, labels in enumerate(partitions)]
        if not self.draws:
            raise ValueError("there is no partition of the images: give one or more")

    def plan(self, shape: TaskShape, seed: tf.Tensor) -> tf.Tensor:
        """Indices of images, (n_way, k_shot + n_query)."""
        of_partition = tf.random.experimental.stateless_fold_in(seed, 0)
        number = tf.random.stateless_uniform((), of_partition, maxval=len(self.draws), dtype=tf.int32)
        return tf.switch_case(number, [partial(draw.plan, shape, seed) for draw in self.draws])

    def render(self, plans: tf.Tensor) -> tf.Tensor:
        return self.read(plans)


def _draw(labels: np.ndarray, number: int, n_images: int, shape: TaskShape) -> ClassDraw:
    """Of the clusters of the partition of that number."""
    if labels.shape != (n_images,):
        raise ValueError(f"partition {number} is of shape {labels.shape}, and there are {n_images} images")
    try:
        return ClassDraw(labels, shape, f"partition {number} of the images")
    except ValueError as error:
        raise ValueError(f"{error}. Its classes are clusters: fewer of them (n_clusters) are larger") from error


def check_clusters(n_clusters: int, n_images: int, shape: TaskShape) -> None:
    """Raises ValueError for numbers of clusters and images that no tasks of the shape can be made of."""
    check_n_clusters(n_clusters, n_images)
    if n_clusters < shape.n_way:
        raise ValueError(f"n_clusters is {n_clusters}, and tasks are {shape.n_way}-way: choose more clusters")
    if (n_needed := shape.n_way * shape.images_per_class) > n_images:
        raise ValueError(
            f"{shape.n_way}-way tasks of {shape.k_shot} + {shape.n_query} images a class take {n_needed} images, and "
            f"there are {n_images}: lower one of the three (--train-n-query, say)"
        )


def k_means_partitions(
    features: np.ndarray, n_clusters: int = 500, n_partitions: int = 10, seed: int = 0
) -> list[np.ndarray]:
    """The cluster of each image, (n,), in each of n_partitions.

    The first is of the features (n, f) as they are, every other of features whose dimensions are each multiplied by a
    draw of U(0, 1). Of more than 256 dimensions the 256 principal ones take the place. A single partition is the best
    of ten starts of k-means. Each is kept in the cache.
    Raises ValueError for what is no table of finite features, for fewer different ones than clusters, and for no
    partition.
    """
    if n_partitions < 1:
        raise ValueError(f"n_partitions is {n_partitions}; it must be 1 or more")
    if features.ndim != 2:
        raise ValueError(f"features are of shape {features.shape}; they must be (n, n_features)")
    features = _principal(features)
    rng = np.random.default_rng(seed)
    scales = [np.ones(features.shape[1]), *rng.uniform(size=(n_partitions - 1, features.shape[1]))]

    def clusters(scale: np.ndarray) -> np.ndarray:
        starts = STARTS if n_partitions == 1 else 1
        return k_means(features * scale.astype(features.dtype), n_clusters, seed, starts)[0]

    # k_means' limit of one thread, of which a part is the process's, must not end with the first that is done
    with threadpool_limits(1), ThreadPoolExecutor(min(os.cpu_count() or 1, AT_ONCE)) as pool:
        return list(with_progress(pool.map(clusters, scales), "clustering the images", n_partitions))


def _principal(features: np.ndarray) -> np.ndarray:
    """The directions (n, 256) in which features (n, f) vary most; as they are where they have no more."""
    if min(features.shape) <= MOST_DIMENSIONS or not np.isfinite(features).all():  # k_means tells what is not finite
        return features
    with threadpool_limits(1):  # for the same reason as in k_means
        solver = "covariance_eigh" if features.shape[1] <= EXACT_DIMENSIONS else "randomized"
        return PCA(MOST_DIMENSIONS, svd_solver=solver, random_state=0).fit_transform(features)


def cluster_tasks(
    images: Images,
    partitions: Sequence[np.ndarray] | np.ndarray,
    n_way: int = 5,
    k_shot: int = 1,
    n_query: int = 5,
    meta_batch_size: int = 4,
    seed: int = 0,
    augmentation: TaskAugmentation | None = None,
    start: int = 0,
) -> tf.data.Dataset:
    """An endless stream of batches of tasks (see `tasks.task_stream`) whose classes are clusters: see `ClusterSource`.

    Raises ValueError for partitions of other images, and for one with too few clusters that have enough of them.
    """
    shape = TaskShape(n_way, k_shot, n_query)
    source = ClusterSource(images, partitions, shape)
    return task_stream(source, shape, meta_batch_size, seed, augmentation, start)
