"""Training of DeepCluster on unlabelled images, cached as generators are, and a picture of its clusters."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from ...datasets.batches import index_batches
from ...experiment.plots import save_image_sheet
from ...models.deepcluster import Reassignment, assign
from ...models.encoder import features_by, load_encoder
from ..tasks.encoding import encode_all
from .generator_training import GeneratorTraining

ROWS, COLUMNS = 12, 10  # of the picture


@dataclass(frozen=True)
class DeepClusterTraining(GeneratorTraining):
    """It makes the encoder alone. inverted: 1 is ink, which pictures show dark."""

    inverted: bool = False
    kind = "embedding"

    @property
    def made(self) -> keras.Model:
        return self.model.encoder

    @property
    def callbacks(self) -> list[keras.callbacks.Callback]:
        return [Reassignment()]

    def load(self, file: Path) -> keras.Model:
        return load_encoder(file, self.images.shape[1:])

    def encoder_in(self, made: keras.Model) -> keras.Model:
        return made

    def is_ours(self, loaded: Any) -> bool:
        return loaded.output_shape == self.made.output_shape

    def batches(self, start: int) -> tf.data.Dataset:
        return index_batches(len(self.images), self.batch_size, self.seed, start)

    def _train(self, folder: Path) -> None:
        self.train_here(folder)  # a process of its own would build a generator

    def show(self, encoder: keras.Model, folder: Path) -> None:
        """Leaves pictures/clusters.png: some clusters of the trained network, by their sizes, and members of each."""
        features = encode_all(features_by(encoder), self.images, "clusters").numpy()
        clusters = assign(features, self.model.n_clusters, self.seed + self.epochs, self.model.n_components)
        sizes = np.bincount(clusters)
        rows = np.argsort(-sizes, kind="stable")[np.linspace(0, len(sizes) - 1, min(ROWS, len(sizes))).astype(int)]
        sheet = np.full((len(rows), COLUMNS, *self.images.shape[1:]), 0.0 if self.inverted else 1.0)
        for row, cluster in zip(sheet, rows, strict=True):
            members = np.flatnonzero(clusters == cluster)
            shown = members[np.linspace(0, len(members) - 1, min(COLUMNS, len(members))).astype(int)]
            row[: len(shown)] = self.images[shown] / 255.0
        picture = folder / "pictures" / "clusters.png"
        title = f"{len(rows)} of {len(sizes)} clusters, by size, with members"
        save_image_sheet(picture, sheet, [title], [f"{sizes[row]} images" for row in rows], inverted=self.inverted)
        print(f"clusters of the embedding: {picture}")
