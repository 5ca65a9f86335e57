"""Synthetic tasks from a generator: LASIUM (Khodadadeh et al. 2020, algorithm 1)."""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf

from ...datasets.gathering import image_reader
from ...datasets.image_store import Images
from ...models.generator import EncodingGenerator, Generator, check_generator, has_prior
from .anchors import Anchors, ImageAnchors, PriorAnchors
from .augmentation import TaskAugmentation
from .checks import check_generated_share, check_rendering
from .rejection import is_ever_given_up
from .strategies import Strategy
from .stream import TaskShape, task_stream


class SyntheticSource:
    """Tasks whose classes grow from anchors in the latent space of a generator.

    images: unlabelled images, uint8 (n, height, width, channels). With them, and a generator that encodes, a class
    starts with one of them, which is its first shot (figure 2); without, it starts with a draw of the prior (figure 1).
    epsilon: see `Anchors`.
    generated_share: of the images after a class's first, those that the generator makes from the strategy's vectors;
        the others are copies of the first, for an augmentation to change. 1 in the paper.
    rendering: what a class that starts with an image shows (`RENDERINGS`).
    Raises ValueError for a share outside (0, 1], for an unknown rendering, for a generator without a prior where there
    are no images, and where generator or images are not as they are said to be.
    """

    def __init__(
        self,
        generator: Generator,
        strategy: Strategy,
        epsilon: float | None = None,
        images: Images | None = None,
        generated_share: float = 1.0,
        rendering: str = "paper",
    ):
        check_generated_share(generated_share)
        check_rendering(rendering)
        check_generator(generator)
        self.generator, self.strategy, self.generated_share = generator, strategy, generated_share
        self.image_shape = generator.image_shape
        self.anchors: Anchors
        if images is not None and isinstance(generator, EncodingGenerator):
            self.read, self.rendering = image_reader(images), rendering
            self.anchors = ImageAnchors(generator, images, epsilon)
        else:
            if rendering != "paper":
                raise ValueError(f"rendering is {rendering}, which takes images and a generator that encodes them")
            if not has_prior(generator):
                raise ValueError(f"{type(generator).__name__} has no prior to draw anchors from: give images")
            self.read, self.rendering = None, "decoded"  # type: ignore[assignment]
            self.anchors = PriorAnchors(generator.latent_dim, epsilon)

    def check(self, shape: TaskShape) -> None:
        """Raises ValueError where the anchors, or the vectors that grow from them, cannot be found for such tasks."""
        self.anchors.check(shape.n_way)
        if is_ever_given_up(lambda seed: self.plan(shape, seed)):
            few = f" among {self.anchors.n_images} images" if isinstance(self.anchors, ImageAnchors) else ""
            raise ValueError(
                f"no task of {shape.n_way} classes of {shape.images_per_class} images was found{few} whose latents are "
                f"as far apart as epsilon, {self.anchors.epsilon:.2f}, asks. Lower epsilon or {shape.names[2]}, which "
                f"is {shape.n_query}, or take strategy n, which needs anchors alone"
            )

    def plan(self, shape: TaskShape, seed: tf.Tensor) -> dict[str, tf.Tensor]:
        """`latents` (n_way, k_shot + n_query, latent_dim), the anchors first; with images, their indices (n_way,)."""
        anchor_seed, class_seed = tf.unstack(tf.random.experimental.stateless_split(seed, 2))
        drawn = self.anchors.sample(shape.n_way, anchor_seed)
        anchors = tf.ensure_shape(self.anchors.latents(drawn), (shape.n_way, self.generator.latent_dim))
        others = self.strategy.in_class(anchors, shape.images_per_class - 1, self.anchors, class_seed)
        plan = {"latents": tf.concat([anchors[:, None], others], axis=1)}
        return plan if self.read is None else {**plan, "first_shots": drawn}

    def render(self, plans: Any) -> tf.Tensor:
        """(tasks, n_way, k_shot + n_query, height, width, channels), as few of them decoded as generated_share asks."""
        latents = plans["latents"]  # (tasks, n_way, s, d)
        n_tasks, n_way, per_class, latent_dim = latents.shape
        n_others = n_way * (per_class - 1)
        generated = evenly_spread(n_others, self.generated_share)  # places among the task's others, (g,)
        moved = tf.gather(tf.reshape(latents[:, :, 1:], (n_tasks, n_others, latent_dim)), generated, axis=1)
        firsts, made = self._first_and_made(plans, moved, generated // (per_class - 1))
        chosen = np.arange(n_others)  # of the copies and, behind them, the made
        chosen[generated] = n_others + np.arange(len(generated))
        copies = tf.repeat(firsts, per_class - 1, axis=1)  # (tasks, n_others, h, w, c)
        others = tf.gather(tf.concat([copies, made], axis=1), chosen, axis=1) if len(generated) < n_others else made
        others = tf.reshape(others, (n_tasks, n_way, per_class - 1, *self.image_shape))
        return tf.concat([firsts[:, :, None], others], axis=2)

    def _first_and_made(self, plans: Any, moved: tf.Tensor, classes: np.ndarray) -> tuple[tf.Tensor, tf.Tensor]:
        """First images (tasks, n_way, h, w, c), and those made of moved (tasks, g, d), which are of classes (g,)."""
        if self.rendering == "paper":
            return self.read(plans["first_shots"]), self._generate(moved)
        anchors = plans["latents"][:, :, 0]  # (tasks, n_way, d)
        decoded = self._generate(tf.concat([anchors, moved], axis=1))
        reconstructions, made = tf.split(decoded, [anchors.shape[1], moved.shape[1]], axis=1)
        if self.rendering == "decoded":
            return reconstructions, made
        firsts = self.read(plans["first_shots"])
        residuals = tf.gather(
            firsts - reconstructions, classes, axis=1
        )  # what the generator cannot show, (tasks, g, ...)
        return firsts, tf.clip_by_value(made + residuals, 0.0, 1.0)

    def _generate(self, latents: tf.Tensor) -> tf.Tensor:
        """(tasks, s, d) to (tasks, s, height, width, channels)."""
        images = self.generator.generate(tf.reshape(latents, (-1, latents.shape[-1])))
        return tf.reshape(tf.cast(images, tf.float32), (*latents.shape[:2], *self.image_shape))


def evenly_spread(n: int, share: float) -> np.ndarray:
    """Indices below n, int64: the whole part of share * n of them, and one at least, at equal distances."""
    n_chosen = max(1, int(share * n + 1e-9))  # 0.29 * 100 is a little less than 29
    return np.arange(n_chosen, dtype=np.int64) * n // n_chosen


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
    augmentation: TaskAugmentation | None = None,
    start: int = 0,
    generated_share: float = 1.0,
    rendering: str = "paper",
) -> tf.data.Dataset:
    """An endless stream of batches of synthetic tasks (see `tasks.task_stream` and `SyntheticSource`).

    Raises ValueError for a share outside (0, 1], for an unknown rendering, for more images a class than can be found
    and, naming the attainable distance, for an epsilon that the anchors cannot meet.
    """
    source = SyntheticSource(generator, strategy, epsilon, images, generated_share, rendering)
    shape = TaskShape(n_way, k_shot, n_query)
    source.check(shape)
    return task_stream(source, shape, meta_batch_size, seed, augmentation, start)
