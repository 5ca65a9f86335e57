"""latentshot: learning from few labels by interpolating in the latent space of a generative model."""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

# The public names, each with the module it lives in. They are imported when first asked for: TensorFlow takes seconds.
_HOME = {
    "load_dataset": "datasets",
    "omniglot_vae": "models.vae",
    "VAE": "models.vae",
    "omniglot_msgan": "models.msgan",
    "MSGAN": "models.msgan",
    "conv4": "models.conv4",
    "Generator": "models.generator",
    "load_generator": "models.generator",
    "image_batches": "lasium.unlabelled",
    "Noise": "lasium.strategies",
    "RandomOutOfClass": "lasium.strategies",
    "OtherClasses": "lasium.strategies",
    "RandomAffine": "lasium.augmentation",
    "synthetic_tasks": "lasium.synthetic",
    "labelled_tasks": "lasium.labelled",
    "MAML": "lasium.maml",
    "ProtoNets": "lasium.protonets",
}
__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'latentshot' has no attribute {name!r}")
    return getattr(import_module(f".{_HOME[name]}", __name__), name)
