"""The classifier of codes in GLICO's ablation (Azuri and Weinshall 2020, section V-B, "Latent Classifier")."""

from __future__ import annotations

import keras
from keras import layers


def latent_classifier(latent_dim: int, n_classes: int, units: int = 128) -> keras.Model:
    """Codes (n, latent_dim) to logits (n, n_classes): three fully connected layers with ReLU between them.

    The paper does not give their width.
    """
    codes = x = keras.Input((latent_dim,))  # (n, d)
    for _ in range(2):
        x = layers.Dense(units, activation="relu")(x)  # (n, units)
    return keras.Model(codes, layers.Dense(n_classes, dtype="float32")(x), name="latent_classifier")
