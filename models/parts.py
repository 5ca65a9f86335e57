"""Saving of models that are made of other models."""

from __future__ import annotations

from typing import Any

import keras


def saved_parts(model: keras.Model, names: tuple[str, ...]) -> dict[str, Any]:
    """For `get_config`: the models under these names."""
    return {name: keras.saving.serialize_keras_object(getattr(model, name)) for name in names}


def with_loaded_parts(config: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    """For `from_config`: the config with the models under these names in place of what `saved_parts` made of them."""
    return {**config, **{name: keras.saving.deserialize_keras_object(config[name]) for name in names}}
