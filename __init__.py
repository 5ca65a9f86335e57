"""latentshot: learning from few labels by interpolating in the latent space of a generative model."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .experiment.first_moments import take_signals as _take_signals

_take_signals()  # before anything that takes long to import

import wrapt  # noqa: E402

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
    "DeepCluster": "models.deepcluster",
    "Reassignment": "models.deepcluster",
    "deepcluster_encoder": "models.deepcluster",
    "acai": "models.acai",
    "ACAI": "models.acai",
    "bigan": "models.bigan",
    "BiGAN": "models.bigan",
    "conv4": "models.conv4",
    "Generator": "models.generator",
    "load_generator": "models.generator",
    "hub_generator": "models.hub",
    "image_batches": "datasets.unlabelled",
    "Strategy": "lasium.tasks.strategies",
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
    "cluster_tasks": "lasium.tasks.cactus",
    "k_means_partitions": "lasium.tasks.cactus",
    "FewShotLearner": "lasium.learners.learner",
    "MAML": "lasium.learners.maml",
    "ProtoNets": "lasium.learners.protonets",
    "OnEmbedding": "lasium.learners.on_embedding",
    "NearestNeighbours": "lasium.learners.nearest_neighbours",
    "LinearClassifier": "lasium.learners.linear",
    "MLPClassifier": "lasium.learners.mlp",
    "ClusterMatching": "lasium.learners.cluster_matching",
    "k_means": "lasium.tasks.clusters",
    "load_learner": "estimators.load",
    "dcgan_generator": "models.dcgan",
    "ConditionalDCGAN": "models.conditional_dcgan",
    "weak_cnn": "models.weak_cnn",
    "wide_resnet": "models.wide_resnet",
    "classifier": "models.classifiers",
    "vgg_features": "models.vgg",
    "application": "models.applications",
    "frechet_distance": "models.feature_distances",
    "kernel_distance": "models.feature_distances",
    "Discriminants": "models.discriminants",
    "Neighbours": "models.neighbours",
    "Codes": "glico.latent.codes",
    "random_codes": "glico.latent.initial_codes",
    "slerp": "glico.latent.interpolation",
    "PerceptualLoss": "glico.latent.perceptual",
    "relative_weights": "glico.latent.perceptual",
    "LaplacianLoss": "glico.latent.laplacian",
    "TargetCache": "glico.latent.targets",
    "GLICO": "glico.latent.model",
    "LatentSampler": "glico.latent.sampling",
    "pseudo_labels": "glico.latent.pseudo_labels",
    "MixedClassifier": "glico.classify.classifier",
    "MixMatchClassifier": "glico.classify.mixmatch",
    "sgd": "glico.classify.classifier",
    "standard_augmentation": "glico.classify.augmentation",
    "labelled_batches": "datasets.labelled_batches",
    "mixed_batches": "datasets.labelled_batches",
}
__all__ = sorted(_HOME)

if TYPE_CHECKING:  # the same for editors and type checkers, which do not run `__getattr__`
    from .datasets import Dataset as Dataset, Split as Split, load_dataset as load_dataset
    from .datasets.labelled_batches import labelled_batches as labelled_batches, mixed_batches as mixed_batches
    from .datasets.small_sample import small_sample as small_sample, subset as subset
    from .datasets.unlabelled import image_batches as image_batches
    from .estimators.load import load_learner as load_learner
    from .glico.classify.augmentation import standard_augmentation as standard_augmentation
    from .glico.classify.classifier import MixedClassifier as MixedClassifier, sgd as sgd
    from .glico.classify.mixmatch import MixMatchClassifier as MixMatchClassifier
    from .glico.latent.codes import Codes as Codes
    from .glico.latent.initial_codes import random_codes as random_codes
    from .glico.latent.interpolation import slerp as slerp
    from .glico.latent.laplacian import LaplacianLoss as LaplacianLoss
    from .glico.latent.model import GLICO as GLICO
    from .glico.latent.perceptual import PerceptualLoss as PerceptualLoss, relative_weights as relative_weights
    from .glico.latent.pseudo_labels import pseudo_labels as pseudo_labels
    from .glico.latent.sampling import LatentSampler as LatentSampler
    from .glico.latent.targets import TargetCache as TargetCache
    from .lasium.augmentation.affine import RandomAffine as RandomAffine
    from .lasium.augmentation.crop import CropAndFlip as CropAndFlip
    from .lasium.augmentation.elastic import ElasticWarp as ElasticWarp
    from .lasium.augmentation.image_map import Chain as Chain
    from .lasium.augmentation.keras_map import KerasMap as KerasMap
    from .lasium.augmentation.named import augmentation as augmentation
    from .lasium.augmentation.pen_width import PenWidth as PenWidth
    from .lasium.learners.cluster_matching import ClusterMatching as ClusterMatching
    from .lasium.learners.learner import FewShotLearner as FewShotLearner
    from .lasium.learners.linear import LinearClassifier as LinearClassifier
    from .lasium.learners.maml import MAML as MAML
    from .lasium.learners.mlp import MLPClassifier as MLPClassifier
    from .lasium.learners.nearest_neighbours import NearestNeighbours as NearestNeighbours
    from .lasium.learners.on_embedding import OnEmbedding as OnEmbedding
    from .lasium.learners.protonets import ProtoNets as ProtoNets
    from .lasium.tasks.augmentation import TaskAugmentation as TaskAugmentation
    from .lasium.tasks.augmented import augmented_tasks as augmented_tasks
    from .lasium.tasks.cactus import cluster_tasks as cluster_tasks, k_means_partitions as k_means_partitions
    from .lasium.tasks.clusters import k_means as k_means
    from .lasium.tasks.labelled import labelled_tasks as labelled_tasks
    from .lasium.tasks.strategies import (
        Noise as Noise,
        OtherClasses as OtherClasses,
        RandomOutOfClass as RandomOutOfClass,
        Strategy as Strategy,
        Varied as Varied,
    )
    from .lasium.tasks.synthetic import synthetic_tasks as synthetic_tasks
    from .models.acai import ACAI as ACAI, acai as acai
    from .models.applications import application as application
    from .models.bigan import BiGAN as BiGAN, bigan as bigan
    from .models.classifiers import classifier as classifier
    from .models.conditional_dcgan import ConditionalDCGAN as ConditionalDCGAN
    from .models.conv4 import conv4 as conv4
    from .models.dcgan import dcgan_generator as dcgan_generator
    from .models.deepcluster import (
        DeepCluster as DeepCluster,
        Reassignment as Reassignment,
        deepcluster_encoder as deepcluster_encoder,
    )
    from .models.discriminants import Discriminants as Discriminants
    from .models.feature_distances import frechet_distance as frechet_distance, kernel_distance as kernel_distance
    from .models.generator import Generator as Generator, load_generator as load_generator
    from .models.hub import hub_generator as hub_generator
    from .models.msgan import MSGAN as MSGAN, omniglot_msgan as omniglot_msgan
    from .models.neighbours import Neighbours as Neighbours
    from .models.vae import VAE as VAE, celeba_vae as celeba_vae, omniglot_vae as omniglot_vae
    from .models.vgg import vgg_features as vgg_features
    from .models.weak_cnn import weak_cnn as weak_cnn
    from .models.wide_resnet import wide_resnet as wide_resnet

# What Keras meets in saved models, by the names that it is registered under there, each with its module.
_SERIALIZABLE = {
    "VAE": "models.vae",
    "MSGAN": "models.msgan",
    "ACAI": "models.acai",
    "BiGAN": "models.bigan",
    "BatchNormalization": "models.batch_norm",
    "Discriminants": "models.discriminants",
    "Neighbours": "models.neighbours",
    "Cutout": "glico.classify.augmentation",
    "AutoAugment": "glico.classify.autoaugment",
}


class _Later:
    """Stands for a class that Keras is to make from its config."""

    def __init__(self, name: str, home: str):
        self.name, self.home = name, home

    def from_config(self, config: dict[str, Any]) -> Any:
        return getattr(import_module(f".{self.home}", __name__), self.name).from_config(config)


@wrapt.when_imported("keras")
def _register(keras: Any) -> None:
    """Lets `keras.models.load_model` find our classes, which are imported when it meets one."""
    for name, home in _SERIALIZABLE.items():
        keras.saving.get_custom_objects().setdefault(f"latentshot>{name}", _Later(name, home))


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'latentshot' has no attribute {name!r}")
    return getattr(import_module(f".{_HOME[name]}", __name__), name)
