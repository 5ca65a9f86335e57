"""Where the codes start: anywhere on the sphere, or by what is known of the images (Azuri and Weinshall 2020, V-B)."""

from __future__ import annotations

import keras
import numpy as np

# Standard deviation of the codes about their class's vertex, which has coordinates of -1 and 1. The paper says "in the
# vicinity"; this puts two codes of a class 8 degrees apart.
SPREAD = 0.1


def random_codes(n: int, latent_dim: int, seed: int = 0) -> np.ndarray:
    """Uniform on the unit sphere: float32, (n, latent_dim)."""
    return _on_sphere(np.random.default_rng(seed).normal(size=(n, latent_dim)))


def hypercube_codes(labels: np.ndarray, latent_dim: int, seed: int = 0) -> np.ndarray:
    """Each class about a vertex of the hypercube of its own: float32, (n, latent_dim), on the unit sphere.

    Images without a label (-1) start anywhere. Raises ValueError for more classes than the hypercube has vertices.
    """
    n_classes = int(labels.max(initial=-1)) + 1
    if not n_classes:
        return random_codes(len(labels), latent_dim, seed)
    if n_classes > 2 ** min(latent_dim, 62):
        raise ValueError(f"{n_classes} classes need as many vertices; a hypercube of {latent_dim} dimensions has fewer")
    rng = np.random.default_rng(seed)
    vertices: list[tuple[int, ...]] = []
    while len(vertices) < n_classes:
        vertex = tuple(rng.choice([-1, 1], latent_dim))
        if vertex not in vertices:
            vertices.append(vertex)
    about = np.array(vertices)[labels] + SPREAD * rng.normal(size=(len(labels), latent_dim))
    return np.where((labels >= 0)[:, None], _on_sphere(about), random_codes(len(labels), latent_dim, seed + 1))


def feature_codes(network: keras.Model, images: np.ndarray, latent_dim: int, seed: int = 0) -> np.ndarray:
    """A pretrained network's features of each image, brought to the codes' dimensions: float32, (n, latent_dim).

    network: images (n, height, width, channels) in [0, 1] to features (n, n_features), such as a ResNet's penultimate
    layer. images: uint8. The features are centred and multiplied by a fixed random matrix, which keeps angles nearly
    (the paper does not say how its 2,048 become 128).
    """
    features = network.predict(images.astype(np.float32) / 255.0, verbose=0)  # (n, n_features)
    projection = np.random.default_rng(seed).normal(size=(features.shape[1], latent_dim))
    return _on_sphere((features - features.mean(axis=0)) @ projection)


def _on_sphere(vectors: np.ndarray) -> np.ndarray:
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
