"""Synthetic tasks from a generator: LASIUM (Khodadadeh et al. 2020, algorithm 1)."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from ...datasets.gathering import gatherer
from ...datasets.image_store import Images
from ...models.generator import EncodingGenerator, Generator
from .anchors import Anchors, ImageAnchors, PriorAnchors
from .augmentation import RandomAffine
from .strategies import Strategy
from .stream import TaskShape, task_stream


class SyntheticSource:
    """Tasks whose classes grow from anchors in the latent space of a generator.

    images: unlabelled images, uint8 (n, height, width, channels). With them, and a generator that encodes, a class
    starts with one of them, which is its first shot (figure 2); without, it starts with a draw of the prior (figure 1).
    epsilon: see `Anchors`.
    """

    def __init__(
        self,
        generator: Generator,
        strategy: Strategy,
        epsilon: float | None = None,
        images: Images | None = None,
    ):
        self.generator, self.strategy = generator, strategy
        self.image_shape = generator.image_shape
        self.anchors: Anchors
        if images is not None and isinstance(generator, EncodingGenerator):
            self.gather = gatherer(images)
            self.anchors = ImageAnchors(generator, images, epsilon)
        else:
            self.gather = None  # type: ignore[assignment]
            self.anchors = PriorAnchors(generator.latent_dim, epsilon)

    def plan(self, shape: TaskShape, seed: tf.Tensor) -> dict[str, tf.Tensor]:
        """`latents` (n_way, k_shot + n_query, latent_dim), the anchors first; with images, their indices (n_way,)."""
        anchor_seed, class_seed = tf.unstack(tf.random.experimental.stateless_split(seed, 2))
        drawn = self.anchors.sample(shape.n_way, anchor_seed)
        anchors = tf.ensure_shape(self.anchors.latents(drawn), (shape.n_way, self.generator.latent_dim))
        others = self.strategy.in_class(anchors, shape.images_per_class - 1, self.anchors, class_seed)
        plan = {"latents": tf.concat([anchors[:, None], others], axis=1)}
        return plan if self.gather is None else {**plan, "first_shots": drawn}

    def render(self, plans: Any) -> tf.Tensor:
        latents = plans["latents"]  # (tasks, n_way, s, d)
        if self.gather is None:
            return self._generate(latents)
        first_shots = tf.cast(self.gather(plans["first_shots"]), tf.float32) / 255.0  # (tasks, n_way, ...)
        return tf.concat([first_shots[:, :, None], self._generate(latents[:, :, 1:])], axis=2)

    def _generate(self, latents: tf.Tensor) -> tf.Tensor:
        images = self.generator.generate(tf.reshape(latents, (-1, latents.shape[-1])))
        return tf.reshape(tf.cast(images, tf.float32), (*latents.shape[:3], *self.image_shape))


def synthetic_tasks(
    generator: Generator,
    strategy: Strategy,
    n_way: int = 5,
    k_shot: int = 1,
    n_query: int = 5,
    meta_batch_size: int = 4,
    seed: int = 0,
    epsilon: float | None = None,
    images: Images | None = None,
    query_augmentation: RandomAffine | None = None,
    start: int = 0,
) -> tf.data.Dataset:
    """An endless stream of batches of synthetic tasks (see `tasks.task_stream` and `SyntheticSource`).

    Raises ValueError, naming the attainable distance, for an epsilon that the anchors cannot meet.
    """
    source = SyntheticSource(generator, strategy, epsilon, images)
    source.anchors.check(n_way)
    return task_stream(source, TaskShape(n_way, k_shot, n_query), meta_batch_size, seed, query_augmentation, start)
