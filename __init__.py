"""latentshot: learning from few labels by interpolating in the latent space of a generative model."""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

# The public names, each with the module it lives in. They are imported when first asked for: TensorFlow takes seconds.
_HOME = {
    "load_dataset": "datasets",
    "Dataset": "datasets",
    "Split": "datasets",
    "small_sample": "datasets.small_sample",
    "subset": "datasets.small_sample",
    "omniglot_vae": "models.vae",
    "celeba_vae": "models.vae",
    "VAE": "models.vae",
    "omniglot_msgan": "models.msgan",
    "MSGAN": "models.msgan",
    "conv4": "models.conv4",
    "Generator": "models.generator",
    "load_generator": "models.generator",
    "hub_generator": "models.hub",
    "image_batches": "datasets.unlabelled",
    "Noise": "lasium.tasks.strategies",
    "RandomOutOfClass": "lasium.tasks.strategies",
    "OtherClasses": "lasium.tasks.strategies",
    "Varied": "lasium.tasks.strategies",
    "TaskAugmentation": "lasium.tasks.augmentation",
    "augmentation": "lasium.augmentation.named",
    "Chain": "lasium.augmentation.image_map",
    "KerasMap": "lasium.augmentation.keras_map",
    "RandomAffine": "lasium.augmentation.affine",
    "ElasticWarp": "lasium.augmentation.elastic",
    "PenWidth": "lasium.augmentation.pen_width",
    "CropAndFlip": "lasium.augmentation.crop",
    "synthetic_tasks": "lasium.tasks.synthetic",
    "labelled_tasks": "lasium.tasks.labelled",
    "augmented_tasks": "lasium.tasks.augmented",
    "MAML": "lasium.learners.maml",
    "ProtoNets": "lasium.learners.protonets",
    "dcgan_generator": "models.dcgan",
    "weak_cnn": "models.weak_cnn",
    "wide_resnet": "models.wide_resnet",
    "classifier": "models.classifiers",
    "vgg_features": "models.vgg",
    "application": "models.applications",
    "Codes": "glico.latent.codes",
    "random_codes": "glico.latent.initial_codes",
    "slerp": "glico.latent.interpolation",
    "PerceptualLoss": "glico.latent.perceptual",
    "relative_weights": "glico.latent.perceptual",
    "LaplacianLoss": "glico.latent.laplacian",
    "TargetCache": "glico.latent.targets",
    "GLICO": "glico.latent.model",
    "LatentSampler": "glico.latent.sampling",
    "MixedClassifier": "glico.classify.classifier",
    "sgd": "glico.classify.classifier",
    "standard_augmentation": "glico.classify.augmentation",
    "labelled_batches": "datasets.labelled_batches",
}
__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'latentshot' has no attribute {name!r}")
    return getattr(import_module(f".{_HOME[name]}", __name__), name)
