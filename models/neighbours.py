"""The nearest unlabelled images of an image as a part of its features."""

from __future__ import annotations

import keras
import numpy as np
import tensorflow as tf

WEIGHT = 2.0  # of the neighbours' mean beside the image's own features, which have length 1


@keras.saving.register_keras_serializable("latentshot")
class Neighbours(keras.layers.Layer):
    """Features (n, f) to those of length 1 and, added to them, the mean of the n_neighbours most alike of a bank.

    Image retrieval calls it query expansion (Chum et al. 2007, https://doi.org/10.1109/ICCV.2007.4408891): where the
    bank holds images of the same kind, their mean is a better example of it than the image alone.
    size: of the bank, in images. `adapt` fills it; it is not trained.
    """

    def __init__(self, n_neighbours: int, size: int = 4096, **kwargs):
        super().__init__(**{"dtype": "float32", "trainable": False, **kwargs})
        self.n_neighbours, self.size = n_neighbours, size

    def build(self, input_shape: tuple[int | None, int]) -> None:
        self.bank = self.add_weight(name="bank", shape=(self.size, input_shape[-1]), initializer="zeros")
        self.is_filled = self.add_weight(name="is_filled", shape=(self.size,), initializer="zeros")

    def adapt(self, features: np.ndarray) -> None:
        """features: (n, f) of the unlabelled images; the first `size` of them are kept.

        Raises ValueError for fewer than n_neighbours.
        """
        kept = features[: self.size]
        if len(kept) < self.n_neighbours:
            raise ValueError(f"{self.n_neighbours} neighbours among {len(kept)} images: choose fewer")
        if not self.built:
            self.build(features.shape)
        empty = self.size - len(kept)
        self.bank.assign(np.pad(tf.math.l2_normalize(kept, axis=-1).numpy(), ((0, empty), (0, 0))))
        self.is_filled.assign(np.pad(np.ones(len(kept)), (0, empty)))

    def call(self, features: tf.Tensor) -> tf.Tensor:
        own = tf.math.l2_normalize(tf.cast(features, tf.float32), axis=-1)  # (n, f)
        similarities = tf.matmul(own, self.bank.value, transpose_b=True)  # (n, size)
        similarities = tf.where(self.is_filled.value > 0, similarities, -2.0)  # below any cosine
        nearest = tf.math.top_k(similarities, self.n_neighbours, sorted=False).indices  # (n, n_neighbours)
        return own + WEIGHT * tf.reduce_mean(tf.gather(self.bank.value, nearest), axis=1)  # (n, f)

    def get_config(self) -> dict:
        return {**super().get_config(), "n_neighbours": self.n_neighbours, "size": self.size}
