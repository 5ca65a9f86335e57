"""From the options to the objects of a run. Nothing after this reads a `MetaConfig`.

All that is wrong with the options, the data and the generator is raised here, before any long work.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path

import keras

from ...datasets import Dataset, load_dataset
from ...datasets.image_store import check_distinct
from ...models.generator import Generator
from ...models.hub import HubGenerator
from ...training.checksums import sha256
from ...training.determinism import seed_everything
from ...training.devices import check_sharing
from ...training.files import check_room
from ...training.precision import set_precision
from ..learners.each_task import order_of_tasks
from ..learners.learner import FewShotLearner
from ..learners.maml import MAML
from .build_embedding import build_embedding
from .build_evaluations import build_calibration, build_evaluations, build_validation_tasks
from .build_generator import TRAINABLE, build_gate, fitting_generator, pretrained_generator
from .build_learner import build_classifier, build_learner
from .build_tasks import build_augmentation, build_task_source, train_shape
from .config import MetaConfig
from .description import method_name
from .embedding import Embedding
from .evaluation import Evaluation
from .feature_layers import FeatureLayers
from .generator_config import GeneratorConfig, is_module
from .memory import check_memory
from .meta_training import MetaTraining, SyntheticAfterTraining
from .open_set import CalibrationTasks

KINDS_OF_TASKS = {
    "synthetic": "synthetic tasks",
    "augmented": "augmented tasks",
    "umtra": "UMTRA's tasks",
    "supervised": "the training classes",
    "cactus": "tasks of clusters",
}


@dataclass(frozen=True)
class Experiment:
    """What a run trains and evaluates.

    learner: compiled, with fresh weights. meta_training: None for a learner that is not meta-trained.
    embedding: what a classifier sees in place of images; None for a learner that sees these.
    feature_layers: what is fitted behind its network afterwards.
    evaluations: one a row of the results; none where the dataset has no labelled images.
    calibration: None where there are no validation classes for it. inverted: 1 is ink, which pictures show dark.
    data: fingerprints of the images, and of a generator or an embedding that was given.
    """

    learner: FewShotLearner
    meta_training: MetaTraining | None
    embedding: Embedding | None
    feature_layers: FeatureLayers | None
    evaluations: list[Evaluation]
    calibration: CalibrationTasks | None
    inverted: bool
    data: dict[str, str]


def build(config: MetaConfig, kept_generator: Path) -> Experiment:
    """The objects of a resolved config.

    kept_generator: where the run keeps a copy of a saved generator.
    Raises ValueError for what cannot be, RuntimeError where a download fails.
    """
    dataset, generator, data = _what_is_given(config, kept_generator, config.needs_tasks)
    embedding = build_embedding(config, dataset, kept_generator.parent) if config.needs_embedding else None
    if embedding and not embedding.training:
        data["embedding"] = embedding.fingerprint
    learner = (
        build_classifier(config, embedding.network)
        if embedding and config.is_classifier
        else build_learner(config, dataset.image_shape)
    )
    if isinstance(learner, MAML) and learner.traces_one_task:
        print(f"tasks are computed {order_of_tasks()}")
    evaluations = build_evaluations(config, dataset)
    training = _meta_training(config, dataset, generator, embedding) if config.needs_tasks else None
    layers = None
    if config.discriminants or config.neighbours:
        layers = FeatureLayers(config.discriminants, config.neighbours, training, dataset.unlabelled, config.seed)
        layers.check(learner.network)
    if not (evaluations or layers or config.is_meta_trained):
        raise ValueError(f"without meta-training there are only test tasks, and {dataset.name} allows none")
    if config.is_meta_trained:
        check_sharing(meta_batch_size=config.meta_batch_size)
        check_memory(learner, train_shape(config), config.meta_batch_size)
    trained: list[keras.Model] = [learner]
    if training and isinstance(training.source, SyntheticAfterTraining):
        trained.append(training.source.training.model)
    if embedding and embedding.training:
        trained.append(embedding.training.model)
    check_room(kept_generator.parent, sum(map(bytes_on_disk, trained)))
    meta_training = training if config.is_meta_trained else None
    calibration = None if config.is_classifier else build_calibration(config, dataset)
    return Experiment(
        learner,
        meta_training,
        embedding if config.is_classifier else None,
        layers,
        evaluations,
        calibration,
        dataset.inverted,
        data,
    )


def build_tasks(config: MetaConfig, kept_generator: Path) -> tuple[MetaTraining, dict[str, str]]:
    """Where a resolved config's training tasks come from, without a learner and evaluations; and the fingerprints."""
    dataset, generator, data = _what_is_given(config, kept_generator, needs_tasks=True)
    return _meta_training(dataclasses.replace(config, val_tasks=0), dataset, generator, None), data


def _what_is_given(
    config: MetaConfig, kept_generator: Path, needs_tasks: bool
) -> tuple[Dataset, Generator | None, dict[str, str]]:
    """The dataset, a generator that is not trained here, and the fingerprints of both."""
    seed_everything(config.seed)
    set_precision(config.precision)
    generator = None
    if config.tasks == "synthetic" and needs_tasks and config.generator not in TRAINABLE:
        generator = pretrained_generator(config, kept_generator)  # what is wrong with it is told before data are read
    dataset = load(config)
    data = dataset.fingerprints
    if generator:
        generator = fitting_generator(generator, config, dataset.image_shape)
        file = kept_generator if kept_generator.exists() else Path(config.generator)
        data["generator"] = generator.fingerprint if isinstance(generator, HubGenerator) else sha256(file)[:16]
    return dataset, generator, data


def _meta_training(
    config: MetaConfig, dataset: Dataset, generator: Generator | None, embedding: Embedding | None
) -> MetaTraining:
    if config.tasks != "supervised" and len(dataset.unlabelled) >= (n_way := train_shape(config).n_way):
        what = f"{n_way}-way tasks of {dataset.name} take as many different images (--train-n-way)"
        check_distinct(dataset.unlabelled, n_way, what)
    return MetaTraining(
        build_task_source(config, dataset, generator, embedding),
        train_shape(config),
        build_augmentation(config, dataset.image_shape),
        config.meta_batch_size,
        config.seed,
        config.iterations,
        config.checkpoint_every,
        build_validation_tasks(config, dataset) if config.is_meta_trained else None,
        method_name(config),
        KINDS_OF_TASKS[config.tasks],
        dataset.inverted,
        build_gate(config, dataset) if config.tasks == "synthetic" else None,
        Path(config.generator) if generator and not is_module(config.generator) else None,
    )


def bytes_on_disk(model: keras.Model) -> float:
    """Two checkpoints with two moments of each weight, a file of the weights and the export, and the pictures."""
    return 4 * (2 * 3 + 2) * sum(int(weight.shape.num_elements()) for weight in model.variables) + 5e6


def load(config: GeneratorConfig) -> Dataset:
    return load_dataset(config.dataset, config.data_dir, config.image_size, int(config.channels), config.n_unlabelled)
