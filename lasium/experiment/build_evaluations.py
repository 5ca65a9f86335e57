"""What a configuration's learner is tested, calibrated and validated on."""

from __future__ import annotations

import dataclasses
import sys

import numpy as np
import tensorflow as tf

from ...datasets import Dataset, Split, short_name
from ...datasets.attributes import AttributeSplit
from ...datasets.registry import is_user_dataset
from ..tasks.labelled import labelled_source, labelled_tasks, most_queries
from ..tasks.stream import TaskShape
from .build_tasks import labelled_images
from .config import MetaConfig
from .description import method_name, options_text
from .embedding_config import check_neighbours
from .evaluation import TASKS_PER_BATCH, Evaluation, task_batch_size
from .open_set import CalibrationTasks
from .paper import paper_figure

VALIDATION_TASKS_PER_BATCH = 4


def evaluation(
    config: MetaConfig, dataset: Dataset, k_shot: int, split: str = "test", source: str | None = None
) -> Evaluation:
    """The evaluation of a trained learner on the tasks of the seed.

    source: what `--dataset` would say for the dataset; by default that of the config.
    Raises ValueError where the split has too few classes or images, and for more neighbours than a task has.
    """
    source = source or config.dataset
    check_neighbours(config, k_shot)
    shape = task_shape(config, dataset, k_shot, split, source)
    images = labelled_images(dataset, split)
    labelled_source(images, shape, f"{split} split")
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
    is_open = not calibrated_on and _has_open_tasks(images, shape)
    n_open_tasks = min(config.n_tasks, config.calibration_tasks) * is_open
    return Evaluation(images, shape, config.n_tasks, config.seed, identity, remarks, n_open_tasks)


def task_shape(config: MetaConfig, dataset: Dataset, k_shot: int, split: str, source: str) -> TaskShape:
    """Of the tasks of a split: of images of one's own as many queries as there are, where they are fewer than asked."""
    labelled = labelled_images(dataset, split)
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


def build_evaluations(config: MetaConfig, dataset: Dataset) -> list[Evaluation]:
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


def build_calibration(config: MetaConfig, dataset: Dataset) -> CalibrationTasks | None:
    """By the shots whose tasks the validation classes suffice for; None where there are none."""
    if not config.calibration_tasks or "validation" not in dataset.splits:
        return None
    split = dataset["validation"]
    shapes = [task_shape(config, dataset, k_shot, "validation", config.dataset) for k_shot in config.k_shot]
    shapes = [shape for shape in shapes if _has_open_tasks(split, shape)]
    if not shapes:
        images = f"takes {2 * config.n_way} validation classes of {config.k_shot[0] + config.n_query} images each"
        reason = f"that {images}" if isinstance(split, Split) else "a task of attributes has no other classes"
        print(f'probabilities are not calibrated, and there is no "none of these": {reason}', file=sys.stderr)
        return None
    return CalibrationTasks(split, tuple(shapes), config.calibration_tasks, config.seed)


def _has_open_tasks(split: Split | AttributeSplit, shape: TaskShape) -> bool:
    try:
        labelled_source(split, dataclasses.replace(shape, n_way=2 * shape.n_way))
    except ValueError:
        return False
    return True


def build_validation_tasks(config: MetaConfig, dataset: Dataset) -> tf.data.Dataset | None:
    if not config.val_tasks or "validation" not in dataset.splits:
        return None
    shape = task_shape(config, dataset, 1, "validation", config.dataset)
    labelled_source(dataset["validation"], shape, "validation split (--val-tasks 0 does without)")
    batch = task_batch_size(config.val_tasks, VALIDATION_TASKS_PER_BATCH, "val_tasks")
    return labelled_tasks(
        dataset["validation"], config.n_way, 1, shape.n_query, batch, config.seed, n_tasks=config.val_tasks
    )
