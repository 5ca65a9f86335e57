"""Two-way tasks from attributes: three of them with a value each make a class, the opposite values the other.

Kyle Hsu, Sergey Levine, Chelsea Finn: "Unsupervised learning via meta-learning" (CACTUs), ICLR 2019,
https://arxiv.org/abs/1810.02334; table 3 of Khodadadeh et al. 2020.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, product

import numpy as np
import tensorflow as tf

from ...datasets.attributes import AttributeSplit
from ...datasets.gathering import image_reader
from .stream import TaskShape

PER_CLASS = 3  # attributes that define a class


class AttributeSource:
    """Tasks whose classes share no value of the three attributes that define them, of images drawn without repetition.

    A definition is left out where one of its classes has too few images for the task.
    Raises ValueError for tasks that are not two-way, and where every definition is left out.
    """

    def __init__(self, split: AttributeSplit, shape: TaskShape, name: str = "split"):
        if shape.n_way != 2:
            raise ValueError(
                f"n_way is {shape.n_way}; tasks of attributes have 2 classes, one the opposite of the other"
            )
        definitions = list(_definitions(split.attributes, shape.images_per_class))
        if not definitions:
            raise ValueError(
                f"no {PER_CLASS} attributes of the {name} define two classes of {shape.images_per_class} images each: "
                f"lower {' or '.join(shape.names[1:])}"
            )
        chosen, values = zip(*definitions, strict=True)
        self.chosen, self.values = tf.constant(chosen), tf.constant(values)  # (n_definitions, 3) each
        self.read, self.attributes = image_reader(split.images), tf.constant(split.attributes)
        self.image_shape: tuple[int, int, int] = split.images.shape[1:]

    def plan(self, shape: TaskShape, seed: tf.Tensor) -> tf.Tensor:
        """Indices of images, (2, k_shot + n_query)."""
        definition_seed, order_seed, image_seed = tf.unstack(tf.random.experimental.stateless_split(seed, 3))
        number = tf.random.stateless_uniform((), definition_seed, maxval=len(self.chosen), dtype=tf.int32)
        opposite = tf.random.stateless_uniform((), order_seed) < 0.5  # which of the two is class 0
        first = self.values[number] ^ opposite  # (3,)
        has = tf.gather(self.attributes, self.chosen[number], axis=1)  # (n, 3)
        member = tf.stack([tf.reduce_all(has == first, axis=1), tf.reduce_all(has != first, axis=1)])  # (2, n)
        order = tf.random.stateless_uniform(tf.shape(member), image_seed)
        return tf.math.top_k(tf.where(member, order, -1.0), shape.images_per_class).indices

    def render(self, plans: tf.Tensor) -> tf.Tensor:
        return self.read(plans)


def _definitions(attributes: np.ndarray, at_least: int) -> Iterator[tuple[tuple[int, ...], tuple[bool, ...]]]:
    """Attributes and values that at least this many images have, and as many have the opposite of.

    Of two opposite definitions only the one whose first value is false.
    """
    for chosen in combinations(range(attributes.shape[1]), PER_CLASS):
        codes = attributes[:, chosen] @ (1 << np.arange(PER_CLASS))  # (n,), each combination of values a number
        counts = np.bincount(codes, minlength=1 << PER_CLASS)
        for others in product((False, True), repeat=PER_CLASS - 1):
            values = (False, *others)
            code = int(np.array(values) @ (1 << np.arange(PER_CLASS)))
            if (
                min(counts[code], counts[~code]) >= at_least
            ):  # ~code indexes from the end, where the opposite values are
                yield chosen, values
