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
from ...models.encoder import load_encoder
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

    def is_ours(self, loaded: Any) -> bool:
        return loaded.output_shape == self.made.output_shape

    def batches(self, start: int) -> tf.data.Dataset:
        return index_batches(len(self.images), self.batch_size, self.seed, start)

    def _train(self, folder: Path) -> None:
        self.train_here(folder)  # a process of its own would build a generator

    def show(self, encoder: keras.Model, folder: Path) -> None:
        """Leaves pictures/clusters.png: some clusters of the trained network, by their sizes, and members of each."""
        features = encode_all(lambda images: encoder(images, training=False), self.images, "clusters").numpy()
        clusters = assign(features, self.model.n_clusters, self.seed + self.epochs, self.model.n_components)
        by_size = np.argsort(-np.bincount(clusters), kind="stable")
        rows = by_size[np.arange(min(ROWS, len(by_size))) * len(by_size) // min(ROWS, len(by_size))]
        sheet = np.full((len(rows), COLUMNS, *self.images.shape[1:]), 0.0 if self.inverted else 1.0)
        sizes = [int((clusters == cluster).sum()) for cluster in rows]
        for row, cluster in zip(sheet, rows, strict=True):
            members = np.flatnonzero(clusters == cluster)[:COLUMNS]
            row[: len(members)] = self.images[members] / 255.0
        picture = folder / "pictures" / "clusters.png"
        title = f"clusters from the largest of {self.model.n_clusters} to the smallest, and up to {COLUMNS} members"
        save_image_sheet(picture, sheet, [title], [f"{size} images" for size in sizes], inverted=self.inverted)
        print(f"clusters of the embedding: {picture}")
