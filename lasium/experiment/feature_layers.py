"""Layers that are fitted behind a trained network of ProtoNets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from ...datasets.image_store import Images, chosen
from ...datasets.progress import with_progress
from ...models.discriminants import Discriminants
from ...models.neighbours import Neighbours
from ..learners.protonets import ProtoNets
from ..tasks.encoding import encode_all
from .meta_training import MetaTraining

IMAGES, COPIES = 16_384, 16  # of tasks, which discriminants are found from; at most so many for an unlabelled image


@dataclass(frozen=True)
class FeatureLayers:
    """What is fitted, in this order.

    discriminants: of classes of the tasks of `training`, as many tasks as it takes for 16,384 images, or for 16 of each
        of `images`. neighbours: among these, the unlabelled ones. seed: of which of them, where they are many.
    """

    discriminants: int | None
    neighbours: int | None
    training: MetaTraining | None
    images: Images
    seed: int

    def check(self, network: keras.Model) -> None:
        """Raises ValueError for more discriminants than features or classes, and more neighbours than images."""
        if self.discriminants and self.training:
            n_features = network.output_shape[-1]
            if self.discriminants > n_features:
                raise ValueError(f"discriminants is {self.discriminants}, and the network has {n_features} features")
            n_classes = self._n_batches(self.training) * self.training.meta_batch_size * self.training.shape.n_way
            if self.discriminants >= n_classes:
                raise ValueError(f"discriminants is {self.discriminants}, and they are of {n_classes} classes: too few")
        n_kept = min(len(self.images), Neighbours(1).size)
        if self.neighbours and self.neighbours > n_kept:
            raise ValueError(f"neighbours is {self.neighbours}, and they are of {n_kept} unlabelled images: too many")

    def fitted(self, learner: ProtoNets, folder: Path) -> ProtoNets:
        """The learner with the layers behind its network. folder: of the run, for a generator that it has trained."""
        network = learner.network
        for layer in feature_layers(self.discriminants, self.neighbours):
            if isinstance(layer, Neighbours):
                layer.adapt(self._of_images(network, layer.size))
            elif self.training:
                layer.adapt(*self._of_tasks(network, self.training, folder))
            network = with_layers(network, [layer])
        return learner.with_network(network)

    def _n_batches(self, training: MetaTraining) -> int:
        shape, n_images = training.shape, min(IMAGES, COPIES * len(self.images))
        return max(1, n_images // (training.meta_batch_size * shape.n_way * shape.images_per_class))

    def _of_tasks(self, network: keras.Model, training: MetaTraining, folder: Path) -> tuple[np.ndarray, np.ndarray]:
        """Features (n, f) of images of tasks, and their classes (n,), each task's apart from the others'."""
        embed, features, labels = tf.function(_inference(network), reduce_retracing=True), [], []
        shape, per_batch, n_batches = training.shape, training.meta_batch_size, self._n_batches(training)
        batches = training.tasks(folder).take(n_batches)
        for number, (tasks, query_labels) in enumerate(with_progress(batches, "discriminants", n_batches)):
            for images, own in (("support_images", tasks["support_labels"]), ("query_images", query_labels)):
                features.append(embed(tf.reshape(tasks[images], (-1, *network.input_shape[1:]))).numpy())
                first = (number * per_batch + np.arange(per_batch)) * shape.n_way
                labels.append((own.numpy() + first[:, None]).ravel())
        return np.concatenate(features), np.concatenate(labels)

    def _of_images(self, network: keras.Model, most: int) -> np.ndarray:
        """Features (n, f) of the unlabelled images, or of as many of them as asked for, drawn at random."""
        places = np.random.default_rng(self.seed).permutation(len(self.images))[:most]
        return encode_all(_inference(network), chosen(self.images, places), "neighbours").numpy()


def feature_layers(discriminants: int | None, neighbours: int | None) -> list[Discriminants | Neighbours]:
    """Those that are asked for, to be fitted."""
    return [
        *([Discriminants(discriminants)] if discriminants else []),
        *([Neighbours(neighbours)] if neighbours else []),
    ]


def with_layers(network: keras.Model, layers: Sequence[keras.Layer]) -> keras.Model:
    """The network with the layers behind it."""
    features = network.output  # (n, f)
    for layer in layers:
        features = layer(features)
    return keras.Model(network.inputs, features)


def _inference(network: keras.Model) -> Callable[[tf.Tensor], tf.Tensor]:
    return lambda images: tf.cast(network(images, training=False), tf.float32)  # (n, f)
