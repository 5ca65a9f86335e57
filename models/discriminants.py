"""Linear discriminant analysis as a layer behind a trained network."""

from __future__ import annotations

import keras
import numpy as np
import tensorflow as tf
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

SHRINKAGE = 0.5  # of the covariance within classes towards a multiple of the identity


@keras.saving.register_keras_serializable("latentshot")
class Discriminants(keras.layers.Layer):
    """Features (n, f) to the n_directions in which classes differ most, measured by how much their members do.

    Ronald Fisher: "The use of multiple measurements in taxonomic problems", 1936; scikit-learn's
    LinearDiscriminantAnalysis finds the directions. `adapt` computes them; they are not trained.
    """

    def __init__(self, n_directions: int, **kwargs):
        super().__init__(**{"dtype": "float32", "trainable": False, **kwargs})
        self.n_directions = n_directions

    def build(self, input_shape: tuple[int | None, int]) -> None:
        self.mean = self.add_weight(name="mean", shape=input_shape[-1:], initializer="zeros")
        self.directions = self.add_weight(
            name="directions", shape=(input_shape[-1], self.n_directions), initializer="identity"
        )

    def adapt(self, features: np.ndarray, labels: np.ndarray) -> None:
        """features: (n, f). labels: (n,), the class of each.

        Raises ValueError for more directions than features or classes less one, and for classes whose members are all
        equal.
        """
        most = min(features.shape[1], len(np.unique(labels)) - 1)
        if self.n_directions > most:
            raise ValueError(f"{self.n_directions} discriminants of {features.shape[1]} features: {most} at most")
        if not self.built:
            self.build(features.shape)
        analysis = LinearDiscriminantAnalysis(solver="eigen", shrinkage=SHRINKAGE, n_components=self.n_directions)
        try:
            analysis.fit(features, labels)
        except np.linalg.LinAlgError as error:
            raise ValueError("the members of a class do not differ, so there are no discriminants") from error
        self.mean.assign(features.mean(axis=0))
        self.directions.assign(analysis.scalings_[:, : self.n_directions])

    def call(self, features: tf.Tensor) -> tf.Tensor:
        return tf.matmul(tf.cast(features, tf.float32) - self.mean, self.directions.value)  # (n, n_directions)

    def compute_output_shape(self, input_shape: tuple[int | None, int]) -> tuple[int | None, int]:
        return input_shape[0], self.n_directions

    def get_config(self) -> dict:
        return {**super().get_config(), "n_directions": self.n_directions}
