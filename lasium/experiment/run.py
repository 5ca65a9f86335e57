"""One run of bin/train_meta.py: generator, meta-training, evaluation, pictures, export."""

from __future__ import annotations

import dataclasses
import sys

import keras
import tensorflow as tf

from ...datasets import FewShotDataset, short_name
from ...experiment.plots import save_curves
from ...experiment.run_directory import Row, RunDirectory
from ...models.conv4 import conv4
from ...models.generator import Generator
from ...training.determinism import seed_everything
from ...training.devices import check_sharing, on_devices
from ...training.fit import train
from ...training.precision import set_precision
from ...training.stopwatch import Stopwatch
from ..learners.each_task import order_of_tasks
from ..learners.learner import FewShotLearner
from ..learners.maml import MAML
from ..learners.protonets import ProtoNets
from ..tasks.anchors import PriorAnchors
from ..tasks.augmentation import RandomAffine
from ..tasks.labelled import labelled_source, labelled_tasks
from ..tasks.stream import TaskShape, task_stream
from ..tasks.synthetic import SyntheticSource
from ..tasks.umtra import UmtraSource
from .config import MetaConfig
from .evaluation import TASKS_PER_BATCH, evaluate, task_batch_size
from .generators import TRAINABLE, check_generator, load
from .paper import paper_figure
from .pictures import save_task
from .pretrained import keep_copy, pretrained_generator
from .results import results_table, save_results
from .sources import anchors_come_from_images, synthetic_source, task_source, train_shape

VALIDATION_TASKS_PER_BATCH = 4


def run(config: MetaConfig) -> list[Row]:
    """Carries out a resolved config, or what is left of it, and returns the rows of results.json.

    Raises ValueError, before any long work, for what the data or the run directory do not allow.
    """
    with on_devices(config) as own:
        return _run(own)


def _run(config: MetaConfig) -> list[Row]:
    assert config.run_dir is not None, "resolve the config first"
    directory = RunDirectory(config.run_dir)
    directory.check(dataclasses.asdict(config), config.resume)
    if not directory.is_finished:
        seed_everything(config.seed)
        set_precision(config.precision)
        dataset = load(config)
        kept = directory.path / "generator.keras"
        pretrained = None
        if needs_generator(config) and config.generator not in TRAINABLE:
            pretrained = pretrained_generator(config, dataset.image_shape, kept)
        source = check(config, dataset, pretrained)
        directory.start(dataclasses.asdict(config), config.resume)
        if pretrained:
            keep_copy(config, kept)
        carry_out(config, dataset, directory, source)
    if directory.results():
        print(results_table(directory.results()))
    print(f"everything is under {directory.path}")
    return directory.results()


def needs_generator(config: MetaConfig) -> bool:
    return config.tasks == "synthetic" and config.learner != "scratch"


def carry_out(
    config: MetaConfig, dataset: FewShotDataset, directory: RunDirectory, source: SyntheticSource | None
) -> None:
    """Trains, exports and, where there are labelled images, evaluates."""
    stopwatch = Stopwatch(directory.seconds_file)
    learner = meta_train(config, dataset, directory, stopwatch, source)
    learner.export(directory.export)
    rows = directory.partial_results()
    done = {row["k_shot"] for row in rows}
    for k_shot in [k for k in possible_shots(config, dataset) if k not in done]:
        row = evaluate_shot(config, learner, dataset, k_shot)
        rows.append({**row, "seconds": round(stopwatch.seconds, 1)})
        directory.write_partial_results(rows)
        stopwatch.save()
    if rows:
        save_results(directory.pictures / "results.png", rows)
    directory.write_results(rows)  # last: a run that has them is finished


def check(config: MetaConfig, dataset: FewShotDataset, pretrained: Generator | None) -> SyntheticSource | None:
    """Raises ValueError for what cannot work with this dataset, before any long work.

    Returns the source of tasks where the generator is pretrained, for to make one takes long if it encodes images.
    """
    learner = build_learner(config, dataset.image_shape)
    if isinstance(learner, MAML) and learner.traces_one_task:
        print(f"tasks are computed {order_of_tasks()}")
    shots = possible_shots(config, dataset, aloud=True)
    if shots:
        task_batch_size(config.n_tasks, TASKS_PER_BATCH, "n_tasks")
    elif config.learner == "scratch":
        raise ValueError(f"learner scratch learns from test tasks alone, and {dataset.name} allows none")
    if config.learner == "scratch":
        return None
    check_sharing(meta_batch_size=config.meta_batch_size)
    if config.val_tasks and "validation" in dataset.splits:
        name = "validation split (--val-tasks 0 does without)"
        labelled_source(dataset["validation"], TaskShape(config.n_way, 1, config.n_query), name)
        task_batch_size(config.val_tasks, VALIDATION_TASKS_PER_BATCH, "val_tasks")
    if config.tasks == "supervised":
        labelled_source(dataset["train"], train_shape(config), "train split")
    elif config.tasks == "umtra":
        UmtraSource(dataset.unlabelled, train_shape(config).n_way)
    else:
        generator = pretrained or check_generator(config, dataset)
        anchors_come_from_images(config, generator)
        n_way = train_shape(config).n_way
        if pretrained:
            source = synthetic_source(config, pretrained, dataset)
            source.anchors.check(n_way)
            return source
        if config.epsilon is not None:
            # A first check: the encoded images of a trained VAE spread about as its prior does.
            PriorAnchors(generator.latent_dim, config.epsilon).check(n_way)
    return None


def possible_shots(config: MetaConfig, dataset: FewShotDataset, aloud: bool = False) -> list[int]:
    """The shots that are evaluated: all, but where images learned from serve to test, those that these suffice for.

    aloud: prints what is left out. Raises ValueError where another test split does not suffice.
    """
    if "test" not in dataset.splits:
        if aloud:
            print(f"{dataset.name} has no class folders to test on: the run ends with the learner", file=sys.stderr)
        return []
    if not dataset.tests_on_training_images:
        check_evaluation(config, dataset, config.k_shot, "test")
        return list(config.k_shot)
    possible = []
    for k_shot in config.k_shot:
        try:
            check_evaluation(config, dataset, (k_shot,), "test")
            possible.append(k_shot)
        except ValueError as error:
            if aloud:
                print(f"{k_shot}-shot is not evaluated: {error}", file=sys.stderr)
    return possible


def check_evaluation(config: MetaConfig, dataset: FewShotDataset, k_shots: tuple[int, ...], split: str) -> None:
    """Raises ValueError where the split has too few classes or images for one of the shots."""
    for k_shot in k_shots:
        labelled_source(dataset[split], TaskShape(config.n_way, k_shot, config.n_query), f"{split} split")


def build_learner(config: MetaConfig, image_shape: tuple[int, int, int]) -> FewShotLearner:
    """The compiled learner with fresh weights, a function of the seed."""
    seed_everything(config.seed)
    learner: FewShotLearner
    if config.learner == "protonets":
        learner = ProtoNets(conv4(image_shape, None, config.filters, config.downsampling))
    else:
        network = conv4(image_shape, config.n_way, config.filters, config.downsampling, momentum=0.0)
        learner = MAML(
            network,
            config.inner_lr,
            config.inner_steps,
            config.eval_inner_steps,
            config.first_order,
            config.batch_norm,
        )
    learner.compile(keras.optimizers.Adam(config.meta_lr))
    return learner


def meta_train(
    config: MetaConfig,
    dataset: FewShotDataset,
    directory: RunDirectory,
    stopwatch: Stopwatch,
    source: SyntheticSource | None = None,
) -> FewShotLearner:
    """The learner after meta-training, with its curves drawn and its weights saved; from scratch, the untrained one."""
    if config.learner == "scratch":
        learner = build_learner(config, dataset.image_shape)
        learner.network.save_weights(directory.path / "learner.weights.h5")
        return learner
    tasks = task_source(config, dataset, directory.path, stopwatch, source)
    learner = build_learner(config, dataset.image_shape)
    augmentation = None
    if config.tasks == "synthetic":
        augmentation = RandomAffine(config.query_shift, config.query_affine)

    def stream_from(step: int) -> tf.data.Dataset:
        return task_stream(tasks, train_shape(config), config.meta_batch_size, config.seed, augmentation, start=step)

    save_task(directory.pictures / "task.png", stream_from(0), dataset.inverted)
    history = train(
        learner,
        stream_from,
        epochs=config.iterations // config.checkpoint_every,
        steps_per_epoch=config.checkpoint_every,
        checkpoints=directory.checkpoints,
        logs=directory.logs / "meta",
        description=f"meta-training {config.method}",
        validation=_validation_tasks(config, dataset),
        callbacks=[stopwatch],
    )
    save_curves(directory.pictures / "curves.png", history, config.checkpoint_every)
    learner.network.save_weights(directory.path / "learner.weights.h5")
    return learner


def evaluate_shot(
    config: MetaConfig,
    learner: FewShotLearner,
    dataset: FewShotDataset,
    k_shot: int,
    split: str = "test",
    source: str | None = None,
) -> Row:
    """A row of results, but for its seconds, on the tasks of the seed.

    source: what `--dataset` would say for the dataset; by default that of the config.
    """
    source = source or config.dataset
    shape = TaskShape(config.n_way, k_shot, config.n_query)
    result = evaluate(learner, dataset[split], shape, config.n_tasks, config.seed, f"{k_shot}-shot evaluation")
    trained_on = short_name(config.dataset)
    row: Row = {"method": config.method, "dataset": dataset.name, "split": split, "trained_on": trained_on}
    row["source"] = source
    row |= {"n_way": config.n_way, "k_shot": k_shot, "n_query": config.n_query, "n_tasks": config.n_tasks}
    own_test = source == config.dataset and split == "test"
    paper = paper_figure(config, k_shot) if own_test else ""
    seen = dataset.tests_on_training_images and split == "test" and config.dataset == source
    options = config.options + ", tested on images learned from" * seen
    return {**row, **result, "options": options, "paper": paper}


def _validation_tasks(config: MetaConfig, dataset: FewShotDataset) -> tf.data.Dataset | None:
    if not config.val_tasks or "validation" not in dataset.splits:
        return None
    batch = task_batch_size(config.val_tasks, VALIDATION_TASKS_PER_BATCH, "val_tasks")
    return labelled_tasks(
        dataset["validation"], config.n_way, 1, config.n_query, batch, config.seed, n_tasks=config.val_tasks
    ).cache()
