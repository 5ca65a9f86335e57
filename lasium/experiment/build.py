"""From the options to the objects of a run. Nothing after this reads a `MetaConfig`.

All that is wrong with the options, the data and the generator is raised here, before any long work.
"""

from __future__ import annotations

import dataclasses
import sys
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from ...datasets import Dataset, Split, load_dataset, short_name
from ...datasets.attributes import AttributeSplit
from ...datasets.fingerprint import fingerprints
from ...datasets.image_store import check_distinct
from ...datasets.registry import is_user_dataset
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
from ..tasks.labelled import labelled_source, labelled_tasks, most_queries
from ..tasks.stream import TaskShape
from .build_generator import TRAINABLE, build_gate, fitting_generator, pretrained_generator
from .build_learner import build_learner
from .build_tasks import build_augmentation, build_task_source, train_shape
from .config import MetaConfig
from .description import method_name, options_text
from .evaluation import TASKS_PER_BATCH, Evaluation, task_batch_size
from .feature_layers import FeatureLayers
from .generator_config import GeneratorConfig, is_module
from .memory import check_memory
from .meta_training import MetaTraining, SyntheticAfterTraining
from .open_set import CalibrationTasks
from .paper import paper_figure

VALIDATION_TASKS_PER_BATCH = 4
KINDS_OF_TASKS = {
    "synthetic": "synthetic tasks",
    "augmented": "augmented tasks",
    "umtra": "UMTRA's tasks",
    "supervised": "the training classes",
}


@dataclass(frozen=True)
class Experiment:
    """What a run trains and evaluates.

    learner: compiled, with fresh weights. meta_training: None for a learner that is not meta-trained.
    feature_layers: what is fitted behind its network afterwards.
    evaluations: one a row of the results; none where the dataset has no labelled images.
    calibration: None where there are no validation classes for it. inverted: 1 is ink, which pictures show dark.
    data: fingerprints of the images, and of a generator that was given.
    """

    learner: FewShotLearner
    meta_training: MetaTraining | None
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
    seed_everything(config.seed)
    set_precision(config.precision)
    generator = None
    if config.tasks == "synthetic" and config.needs_tasks and config.generator not in TRAINABLE:
        generator = pretrained_generator(config, kept_generator)  # what is wrong with it is told before data are read
    dataset = load(config)
    data = fingerprints(dataset)
    if generator:
        generator = fitting_generator(generator, config, dataset.image_shape)
        file = kept_generator if kept_generator.exists() else Path(config.generator)
        data["generator"] = generator.fingerprint if isinstance(generator, HubGenerator) else sha256(file)[:16]
    learner = build_learner(config, dataset.image_shape)
    if isinstance(learner, MAML) and learner.traces_one_task:
        print(f"tasks are computed {order_of_tasks()}")
    evaluations = _evaluations(config, dataset)
    training = _meta_training(config, dataset, generator) if config.needs_tasks else None
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
    check_room(kept_generator.parent, sum(map(bytes_on_disk, trained)))
    meta_training = training if config.is_meta_trained else None
    calibration = _calibration(config, dataset)
    return Experiment(learner, meta_training, layers, evaluations, calibration, dataset.inverted, data)


def _meta_training(config: MetaConfig, dataset: Dataset, generator: Generator | None) -> MetaTraining:
    if config.tasks != "supervised" and len(dataset.unlabelled) >= (n_way := train_shape(config).n_way):
        what = f"{n_way}-way tasks of {dataset.name} take as many different images (--train-n-way)"
        check_distinct(dataset.unlabelled, n_way, what)
    return MetaTraining(
        build_task_source(config, dataset, generator),
        train_shape(config),
        build_augmentation(config, dataset.image_shape),
        config.meta_batch_size,
        config.seed,
        config.iterations,
        config.checkpoint_every,
        _validation_tasks(config, dataset) if config.is_meta_trained else None,
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


def evaluation(
    config: MetaConfig, dataset: Dataset, k_shot: int, split: str = "test", source: str | None = None
) -> Evaluation:
    """The evaluation of a trained learner on the tasks of the seed.

    source: what `--dataset` would say for the dataset; by default that of the config.
    Raises ValueError where the split has too few classes or images.
    """
    source = source or config.dataset
    shape = task_shape(config, dataset, k_shot, split, source)
    labelled_source(dataset[split], shape, f"{split} split")
    identity = {
        "method": method_name(config),
        "dataset": dataset.name,
        "split": split,
        "trained_on": short_name(config.dataset),
        "source": source,
        "n_way": config.n_way,
        "k_shot": k_shot,
        "n_query": shape.n_query,
        "n_tasks": config.n_tasks,
    }
    own_test = source == config.dataset and split == "test"
    seen = own_test and dataset.tests_on_training_images
    remarks = {
        "options": options_text(config) + ", tested on images learned from" * seen,
        "paper": paper_figure(config, k_shot) if own_test else "",
    }
    calibrated_on = source == config.dataset and split == "validation"  # which says nothing of other classes
    is_open = not calibrated_on and _has_open_tasks(dataset[split], shape)
    n_open_tasks = min(config.n_tasks, config.calibration_tasks) * is_open
    return Evaluation(dataset[split], shape, config.n_tasks, config.seed, identity, remarks, n_open_tasks)


def task_shape(config: MetaConfig, dataset: Dataset, k_shot: int, split: str, source: str) -> TaskShape:
    """Of the tasks of a split: of images of one's own as many queries as there are, where they are fewer than asked."""
    labelled = dataset[split]
    if not (is_user_dataset(source) and isinstance(labelled, Split)):
        return TaskShape(config.n_way, k_shot, config.n_query)
    most = most_queries(np.bincount(labelled.labels, minlength=len(labelled.class_names)), config.n_way, k_shot)
    if not 0 < most < config.n_query:
        return TaskShape(config.n_way, k_shot, config.n_query)
    print(
        f"{k_shot}-shot {split} tasks have {most} queries a class in place of {config.n_query} (--n-query), for "
        f"{config.n_way} classes have no more images",
        file=sys.stderr,
    )
    return TaskShape(config.n_way, k_shot, most)


def _evaluations(config: MetaConfig, dataset: Dataset) -> list[Evaluation]:
    """One a shot. Of images of one's own, those shots are left out that they do not suffice for, but for the last.

    Raises ValueError where the test images suffice for none of the shots, and no others serve in their place.
    """
    if "test" not in dataset.splits:
        print(f"{dataset.name} has no class folders to test on: the run ends with the learner", file=sys.stderr)
        return []
    task_batch_size(config.n_tasks, TASKS_PER_BATCH, "n_tasks")
    found = []
    for k_shot in config.k_shot:
        try:
            found.append(evaluation(config, dataset, k_shot))
        except ValueError as error:
            last = k_shot == config.k_shot[-1] and not found
            if not is_user_dataset(config.dataset) or (last and not dataset.tests_on_training_images):
                raise
            print(f"{k_shot}-shot is not evaluated: {error}", file=sys.stderr)
    return found


def _calibration(config: MetaConfig, dataset: Dataset) -> CalibrationTasks | None:
    """By the shots whose tasks the validation classes suffice for; None where there are none."""
    if not config.calibration_tasks or "validation" not in dataset.splits:
        return None
    split = dataset["validation"]
    shapes = [task_shape(config, dataset, k_shot, "validation", config.dataset) for k_shot in config.k_shot]
    shapes = [shape for shape in shapes if _has_open_tasks(split, shape)]
    if not shapes:
        print(
            'probabilities are not calibrated, and there is no "none of these": that takes '
            f"{2 * config.n_way} validation classes of {config.k_shot[0] + config.n_query} images each",
            file=sys.stderr,
        )
        return None
    return CalibrationTasks(split, tuple(shapes), config.calibration_tasks, config.seed)


def _has_open_tasks(split: Split | AttributeSplit, shape: TaskShape) -> bool:
    try:
        labelled_source(split, dataclasses.replace(shape, n_way=2 * shape.n_way))
    except ValueError:
        return False
    return True


def _validation_tasks(config: MetaConfig, dataset: Dataset) -> tf.data.Dataset | None:
    if not config.val_tasks or "validation" not in dataset.splits:
        return None
    shape = task_shape(config, dataset, 1, "validation", config.dataset)
    labelled_source(dataset["validation"], shape, "validation split (--val-tasks 0 does without)")
    batch = task_batch_size(config.val_tasks, VALIDATION_TASKS_PER_BATCH, "val_tasks")
    return labelled_tasks(
        dataset["validation"], config.n_way, 1, shape.n_query, batch, config.seed, n_tasks=config.val_tasks
    ).cache()
