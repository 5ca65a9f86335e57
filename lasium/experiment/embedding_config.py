"""The options of embeddings, of classifiers on them, and of CACTUs. Importing this file imports no TensorFlow."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from ...experiment.checks import above_zero, at_least, between
from .generator_config import GeneratorConfig, generator_name, is_module
from .presets import EMBEDDINGS

CLASSIFIERS = ("knn", "linear", "mlp", "cluster-matching")


@dataclass(frozen=True)
class EmbeddingConfig(GeneratorConfig):
    embedding: str | None = None
    """What the learners knn, linear, mlp and cluster-matching, and --tasks cactus, see in place of images: the latents
    of vae, acai (Berthelot et al. 2019) or bigan (Donahue et al. 2017) or the features of deepcluster (Caron et al.
    2018), trained on the unlabelled images, the latents of bigbigan (TF-Hub's; bigbigan:FOLDER for a copy), the
    features of a network of keras.applications such as vgg19 (with ImageNet's --weights: transfer learning), of a saved
    Keras model (a .keras file), or of a finished run's learner (its folder)."""
    pooling: Literal["avg", "flatten"] = "avg"
    """Of the last maps of such a network: avg, their means, or flatten, all of their numbers (as the authors')."""
    knn_k: int = 1
    """Nearest neighbours that vote in the learner knn, the nearer the more (the authors of CACTUs: 1 on Omniglot)."""
    linear_c: float = 1.0
    """Inverse strength of the l2 penalty of the learner linear (the same: 1; of two classes 2 is as much)."""
    mlp_units: int = 512
    """Hidden units of the learner mlp; these three were chosen on validation classes (docs/results/glyphs.md)."""
    mlp_dropout: float = 0.5
    """Share of them that are dropped in each of its steps."""
    mlp_steps: int = 100
    """Steps of Adam that the mlp learns a task in."""
    n_clusters: int = 500
    """Of k-means on the unlabelled images' features, for cluster-matching and --tasks cactus (Hsu et al. 2019: 500)
    and deepcluster."""
    n_partitions: int = 10
    """Clusterings that --tasks cactus draws its tasks from. Hsu et al. have 100 on Omniglot and 50 on photographs; on 2
    cores a clustering of 24,000 images takes seconds by the vae's 20 latents, and ten times that by 256 features."""

    def __post_init__(self) -> None:
        """Raises ValueError for what is wrong whatever the data and the other options."""
        super().__post_init__()
        at_least(self, 1, "knn_k", "mlp_units", "mlp_steps", "n_clusters", "n_partitions")
        above_zero(self, "linear_c")
        between(self, 0.0, 0.99, "mlp_dropout")


def check_embedding(config: Any) -> None:
    """Raises ValueError for a `MetaConfig` whose embedding, learner and tasks do not go together."""
    if config.embedding is None:
        if config.needs_embedding:
            what = f"learner {config.learner}" if config.is_classifier else f"tasks {config.tasks}"
            ways_out = f"{', '.join(EMBEDDINGS)}, a network of keras.applications, a .keras file, or a run's folder"
            raise ValueError(f"{what} takes an embedding: name one by --embedding ({ways_out})")
        return
    if config.embedding == "msgan" or config.embedding.partition(":")[0] == "progan":
        raise ValueError(f"embedding is {config.embedding}, which does not encode images: {', '.join(EMBEDDINGS)} do")
    if config.embedding == "deepcluster" and config.n_clusters == 1:
        raise ValueError("n_clusters is 1, and deepcluster learns to tell clusters apart: give 2 or more")
    if config.learner == "cluster-matching" and config.n_clusters < config.n_way:
        raise ValueError(f"n_clusters is {config.n_clusters}, and tasks are {config.n_way}-way: choose more clusters")
    if config.learner == "linear" and config.n_way == 1:
        raise ValueError("n_way is 1, and the learner linear tells classes apart: give 2 or more")
    check_neighbours(config, min(config.k_shot))
    if trains_or_loads(config.embedding) and config.generator not in ("vae", config.embedding):
        raise ValueError(
            f"generator is {config.generator} and embedding {config.embedding}, which is then the run's generator: "
            "leave generator out"
        )


def check_neighbours(config: Any, k_shot: int) -> None:
    """Raises ValueError for a nearest-neighbour learner of more neighbours than a task's support has images."""
    if config.learner == "knn" and config.knn_k > (most := config.n_way * k_shot):
        raise ValueError(
            f"knn_k is {config.knn_k}, and a task of {k_shot} shot has {most} support images: give {most} or fewer, or "
            "more shots"
        )


def embedding_name(embedding: str) -> str:
    """For folders: of a file its stem, of a run its name."""
    if is_module(embedding) or embedding.endswith(".keras"):
        return generator_name(embedding)
    return Path(embedding).name.replace(":", "-")


def trains_or_loads(embedding: str | None) -> bool:
    """Is the embedding a model that generators' options are of: one to be trained here, or one of TF-Hub?"""
    return embedding is not None and (embedding in EMBEDDINGS or is_module(embedding))


def is_network(embedding: str | None) -> bool:
    """Is the embedding a network of keras.applications? Those have plain names; which there are, Keras knows."""
    if embedding is None or trains_or_loads(embedding) or Path(embedding).is_dir():
        return False
    return re.fullmatch(r"[\w-]+(:[^/]*)?", embedding) is not None
