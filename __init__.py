"""latentshot: learning from few labels by interpolating in the latent space of a generative model."""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

# The public names, each with the module it lives in. They are imported when first asked for: TensorFlow takes seconds.
_HOME = {
    "load_dataset": "datasets",
    "load_classification": "datasets",
    "small_sample": "datasets.classification",
    "subset": "datasets.classification",
    "omniglot_vae": "models.vae",
    "celeba_vae": "models.vae",
    "VAE": "models.vae",
    "omniglot_msgan": "models.msgan",
    "MSGAN": "models.msgan",
    "conv4": "models.conv4",
    "Generator": "models.generator",
    "load_generator": "models.generator",
    "hub_generator": "models.hub",
    "image_batches": "lasium.unlabelled",
    "Noise": "lasium.strategies",
    "RandomOutOfClass": "lasium.strategies",
    "OtherClasses": "lasium.strategies",
    "RandomAffine": "lasium.augmentation",
    "synthetic_tasks": "lasium.synthetic",
    "labelled_tasks": "lasium.labelled",
    "MAML": "lasium.maml",
    "ProtoNets": "lasium.protonets",
    "dcgan_generator": "models.dcgan",
    "weak_cnn": "models.weak_cnn",
    "wide_resnet": "models.wide_resnet",
    "classifier": "models.classifiers",
    "vgg_features": "models.vgg",
    "Codes": "glico.codes",
    "random_codes": "glico.initial_codes",
    "slerp": "glico.interpolation",
    "PerceptualLoss": "glico.perceptual",
    "relative_weights": "glico.perceptual",
    "LaplacianLoss": "glico.laplacian",
    "TargetCache": "glico.targets",
    "GLICO": "glico.model",
    "LatentSampler": "glico.sampling",
    "MixedClassifier": "glico.classifier",
    "sgd": "glico.classifier",
    "standard_augmentation": "glico.augmentation",
    "labelled_batches": "glico.streams",
}
__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'latentshot' has no attribute {name!r}")
    return getattr(import_module(f".{_HOME[name]}", __name__), name)
