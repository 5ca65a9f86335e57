"""DeepCluster: k-means on a network's features in turns with learning to tell the clusters apart.

Mathilde Caron, Piotr Bojanowski, Armand Joulin, Matthijs Douze: "Deep clustering for unsupervised learning of visual
features", ECCV 2018, https://arxiv.org/abs/1807.05520. In place of its AlexNet and VGG-16 stands the four-block network
of few-shot papers, which suits small images and two CPU cores. Nor is there what its code,
https://github.com/facebookresearch/deepcluster, has for ImageNet: Sobel filters before the network, weight decay, and
hundreds of epochs. Clusters are of the features after the last ReLU, which are the embedding too.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.exceptions import ConvergenceWarning
from sklearn.preprocessing import normalize
from threadpoolctl import threadpool_limits

from .conv4 import conv4

COMPONENTS = 64  # of the features; the paper keeps 256 of 4,096, a conv4 has 256
NOTHING = 1e-7  # of the largest variance: rounding of float32, which whitening would make as large as the rest
K_MEANS_STEPS = 20  # as the authors' code
AT_ONCE = 128  # images whose features are computed together
HEAD = "deepcluster_head"


def deepcluster_encoder(image_shape: tuple[int, int, int]) -> keras.Model:
    """Images (n, height, width, channels) to features (n, n_features): conv4, of 256 features at 28 and 32 pixels.

    Its statistics follow fast, for an epoch of few images is few steps, and the clusters are those of inference.
    """
    return conv4(image_shape, None, 64, "stride" if max(image_shape[:2]) <= 32 else "max_pool", momentum=0.9)


class DeepCluster(keras.Model):
    """A classifier of images by their own clusters, for a `Reassignment` to find before each epoch.

    encoder: images (n, height, width, channels) to features (n, n_features).
    read: indices (b,) below n_images to images (b, height, width, channels), float32 in [0, 1].
    augment: images and a seed (2,) to images of the same shape, for training alone; what the network learns to ignore.
    n_components: of the features' PCA; whitened, those that only tell image from image count as much as the others.
    seed: of the head's weights, k-means, the sampling and the augmentation.

    `fit` takes batches of places (b,) among the n_images that an epoch shows, wants a `Reassignment`, and logs `loss`
    in nats and `accuracy` of the clusters.
    """

    def __init__(
        self,
        encoder: keras.Model,
        read: Callable[[tf.Tensor], tf.Tensor],
        n_images: int,
        n_clusters: int,
        augment: Callable[[tf.Tensor, tf.Tensor], tf.Tensor] | None = None,
        n_components: int = COMPONENTS,
        seed: int = 0,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.encoder, self.read, self.augment, self.seed = encoder, read, augment, seed
        self.n_images, self.n_clusters, self.n_components = n_images, n_clusters, n_components
        self.head = keras.layers.Dense(n_clusters, dtype="float32", name=HEAD)
        self.head.build(encoder.output_shape)
        zeros = {"initializer": "zeros", "dtype": "int32", "trainable": False}
        self.clusters = self.add_weight((n_images,), name="clusters", **zeros)  # of each image
        self.shown = self.add_weight((n_images,), name="shown", **zeros)  # the image at each place of the epoch
        self.trackers = [keras.metrics.Mean("loss"), keras.metrics.SparseCategoricalAccuracy("accuracy")]
        self.embed = tf.function(lambda indices: tf.cast(encoder(read(indices), training=False), tf.float32))
        self.built = True

    @property
    def metrics(self) -> list[keras.Metric]:
        return self.trackers

    def call(self, images: tf.Tensor, training: bool = False) -> tf.Tensor:
        return self.head(self.encoder(images, training=training))  # (n, n_features) -> (n, n_clusters)

    def train_step(self, places: tf.Tensor) -> dict[str, tf.Tensor]:
        indices = tf.gather(self.shown, places)  # (b,)
        images = self.read(indices)  # (b, h, w, c)
        if self.augment:
            images = self.augment(images, tf.stack([self.seed, tf.cast(self.optimizer.iterations, tf.int32)]))
        clusters = tf.gather(self.clusters, indices)  # (b,)
        with tf.GradientTape() as tape:
            logits = self(images, training=True)  # (b, n_clusters)
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=clusters, logits=logits)  # (b,)
            scaled_loss = self.optimizer.scale_loss(tf.reduce_mean(losses))
        variables = self.trainable_variables
        self.optimizer.apply(tape.gradient(scaled_loss, variables), variables)
        loss, accuracy = self.trackers
        loss.update_state(losses)
        accuracy.update_state(clusters, logits)
        return self.get_metrics_result()

    def features(self) -> np.ndarray:
        """(n_images, n_features) of the images as they are, by the statistics of inference."""
        places = tf.range(self.n_images, dtype=tf.int64)
        batches = [places[start : start + AT_ONCE] for start in range(0, self.n_images, AT_ONCE)]
        return np.concatenate([self.embed(batch).numpy() for batch in batches])

    def begin_epoch(self, clusters: np.ndarray, epoch: int) -> None:
        """Takes the images' new clusters (n_images,). The head starts anew, for a cluster's number means nothing."""
        self.clusters.assign(clusters)
        self.shown.assign(evenly_sampled(clusters, np.random.default_rng((self.seed, epoch))))
        kernel = keras.initializers.RandomNormal(stddev=0.01, seed=self.seed + epoch)
        self.head.kernel.assign(kernel(self.head.kernel.shape))
        self.head.bias.assign(tf.zeros(self.n_clusters))
        for variable in self.optimizer.variables:
            if HEAD in variable.path:  # what the optimizer remembers of the old head
                variable.assign(tf.zeros(variable.shape))


class Reassignment(keras.callbacks.Callback):
    """Clusters the images of a `DeepCluster` anew at the beginning of each epoch, a function of weights and epoch."""

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        model = self.model
        clusters = assign(model.features(), model.n_clusters, model.seed + epoch, model.n_components)
        model.begin_epoch(clusters, epoch)


def assign(features: np.ndarray, n_clusters: int, seed: int, n_components: int = COMPONENTS) -> np.ndarray:
    """The cluster of each image, (n,): k-means on its features (n, f), PCA-reduced, whitened and of length 1.

    Section 3.2. No cluster is empty, but where fewer features differ than there are clusters.
    Raises ValueError where all are the same, as of a network that has collapsed.
    """
    if not np.ptp(features, axis=0).any():
        raise ValueError("the features of all images are the same: a smaller learning rate (--generator-lr) may help")
    pca = PCA(min(n_components, max(1, len(features) - 1), features.shape[1]), whiten=True, random_state=seed)
    k_means = KMeans(n_clusters, init="random", n_init=1, max_iter=K_MEANS_STEPS, random_state=seed)
    with warnings.catch_warnings(), threadpool_limits(1):  # more threads add up in another order
        warnings.simplefilter("ignore", ConvergenceWarning)  # fewer different features than clusters
        reduced = pca.fit_transform(features)  # (n, at most n_components)
        unit = normalize(reduced[:, pca.explained_variance_ >= NOTHING * pca.explained_variance_.max()])
        clusters = k_means.fit_predict(unit)
    return without_empty(unit, clusters, n_clusters, np.random.default_rng(seed))


def without_empty(features: np.ndarray, clusters: np.ndarray, n_clusters: int, rng: np.random.Generator) -> np.ndarray:
    """The clusters (n,) of features (n, f), with half of a cluster drawn at random in place of each empty one.

    Section 3.3: an empty cluster gets the centre of another with a small perturbation, and the two share its images.
    Whatever its size, the perturbation parts them by the plane through the old centre that it is the normal of.
    """
    clusters = clusters.copy()
    for empty in np.setdiff1d(np.arange(n_clusters), clusters):
        for other in rng.permutation(np.unique(clusters)):
            members = np.flatnonzero(clusters == other)
            away = features[members] - features[members].mean(axis=0)  # (m, f)
            side = away @ rng.normal(size=features.shape[1]) > 0  # (m,)
            if side.any() and not side.all():  # as for all clusters but those of equal features
                clusters[members[side]] = empty
                break
    return clusters


def evenly_sampled(clusters: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """As many indices (n,) as there are images, of each cluster (n,) as many as of any other, give or take one.

    Section 3.3: uniform sampling over the pseudo-labels. A cluster's images repeat only where it has fewer.
    """
    members = [np.flatnonzero(clusters == cluster) for cluster in np.unique(clusters)]
    shares = np.full(len(members), len(clusters) // len(members))
    shares[rng.permutation(len(members))[: len(clusters) % len(members)]] += 1
    shown = [np.resize(rng.permutation(own), n) for own, n in zip(members, shares, strict=True)]
    return rng.permutation(np.concatenate(shown))
