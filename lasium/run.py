"""One run of bin/train_meta.py: generator, meta-training, evaluation, pictures, export."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path

import keras
import tensorflow as tf

from ..datasets import FewShotDataset, load_dataset
from ..experiment.plots import save_curves
from ..experiment.run_directory import Row, RunDirectory
from ..experiment.stopwatch import Stopwatch
from ..experiment.training import seed_everything, set_precision, train
from ..models.conv4 import conv4
from .anchors import PriorAnchors
from .augmentation import RandomAffine
from .config import MetaConfig
from .evaluation import evaluate
from .generators import TRAINABLE, check_generator, obtain_generator
from .labelled import LabelledSource, labelled_tasks
from .learner import FewShotLearner
from .maml import MAML
from .paper import paper_figure
from .pictures import save_interpolations, save_task
from .protonets import ProtoNets
from .results import results_table, save_results
from .strategies import Noise, OtherClasses, RandomOutOfClass, Strategy
from .synthetic import SyntheticSource
from .tasks import TaskShape, TaskSource, task_stream
from .umtra import UmtraSource


def run(config: MetaConfig) -> list[Row]:
    """Carries out a resolved config, or what is left of it, and returns the rows of results.json.

    Raises ValueError, before any long work, for what the data or the run directory do not allow.
    """
    assert config.run_dir is not None, "resolve the config first"
    directory = RunDirectory(config.run_dir)
    directory.check(dataclasses.asdict(config), config.resume)
    seed_everything(config.seed)
    set_precision(config.mixed_precision)
    dataset = load_dataset(config.dataset, config.data_dir, config.n_unlabelled)
    check(config, dataset)
    directory.start(dataclasses.asdict(config), config.resume)
    if not directory.results():
        stopwatch = Stopwatch(directory.seconds_file)
        learner = meta_train(config, dataset, directory, stopwatch)
        learner.export(directory.export)
        rows = directory.partial_results()
        for k_shot in [k for k in config.k_shot if k not in {row["k_shot"] for row in rows}]:
            row = evaluate_shot(config, learner, dataset, k_shot)
            rows.append({**row, "seconds": round(stopwatch.seconds, 1)})
            directory.write_partial_results(rows)
            stopwatch.save()
        save_results(directory.pictures / "results.png", rows)
        directory.write_results(rows)  # last: a run that has them is finished
    print(results_table(directory.results()))
    print(f"everything is under {directory.path}")
    return directory.results()


def check(config: MetaConfig, dataset: FewShotDataset) -> None:
    """Raises ValueError for what cannot work with this dataset, before any long work."""
    check_evaluation(config, dataset, config.k_shot, "test")
    if config.learner == "scratch":
        return
    if config.val_tasks:
        name = "validation split (--val-tasks 0 does without)"
        LabelledSource(dataset["validation"], TaskShape(config.n_way, 1, config.n_query), name)
    if config.tasks == "supervised":
        LabelledSource(dataset["train"], train_shape(config), "train split")
    elif config.tasks == "umtra":
        UmtraSource(dataset.unlabelled, train_shape(config).n_way)
    else:
        generator = check_generator(config, dataset)
        n_way = train_shape(config).n_way
        if config.generator not in TRAINABLE:
            SyntheticSource(generator, strategy(config), config.epsilon, dataset.unlabelled).anchors.check(n_way)
        elif config.epsilon is not None:
            # A first check: the encoded images of a trained VAE spread about as its prior does.
            PriorAnchors(generator.latent_dim, config.epsilon).check(n_way)


def check_evaluation(config: MetaConfig, dataset: FewShotDataset, k_shots: tuple[int, ...], split: str) -> None:
    """Raises ValueError where the split has too few classes or images for one of the shots."""
    for k_shot in k_shots:
        LabelledSource(dataset[split], TaskShape(config.n_way, k_shot, config.n_query), f"{split} split")


def train_shape(config: MetaConfig) -> TaskShape:
    return TaskShape(config.train_n_way or config.n_way, config.train_k_shot, config.train_n_query)


def strategy(config: MetaConfig) -> Strategy:
    if config.strategy == "n":
        return Noise(config.sigma2)
    return {"ro": RandomOutOfClass, "oc": OtherClasses}[config.strategy](config.alpha)


def task_source(config: MetaConfig, dataset: FewShotDataset, folder: Path, stopwatch: Stopwatch) -> TaskSource:
    """Where the training tasks come from; for synthetic ones this trains or loads the generator."""
    shape = train_shape(config)
    if config.tasks == "supervised":
        return LabelledSource(dataset["train"], shape)
    if config.tasks == "umtra":
        return UmtraSource(dataset.unlabelled, shape.n_way)
    generator = obtain_generator(config, dataset, folder, [stopwatch])
    source = SyntheticSource(generator, strategy(config), config.epsilon, dataset.unlabelled)
    source.anchors.check(shape.n_way)
    save_interpolations(folder / "pictures" / "interpolations.png", source, config.seed)
    return source


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
    config: MetaConfig, dataset: FewShotDataset, directory: RunDirectory, stopwatch: Stopwatch
) -> FewShotLearner:
    """The learner after meta-training, with its curves drawn and its weights saved; from scratch, the untrained one."""
    if config.learner == "scratch":
        learner = build_learner(config, dataset.image_shape)
        learner.network.save_weights(directory.path / "learner.weights.h5")
        return learner
    source = task_source(config, dataset, directory.path, stopwatch)
    learner = build_learner(config, dataset.image_shape)
    augmentation = None
    if config.tasks == "synthetic":
        augmentation = RandomAffine(config.query_shift, config.query_affine)

    def stream_from(step: int) -> tf.data.Dataset:
        return task_stream(source, train_shape(config), config.meta_batch_size, config.seed, augmentation, start=step)

    save_task(directory.pictures / "task.png", stream_from(0))
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
    config: MetaConfig, learner: FewShotLearner, dataset: FewShotDataset, k_shot: int, split: str = "test"
) -> Row:
    """A row of results, but for its seconds, on the tasks of the seed."""
    shape = TaskShape(config.n_way, k_shot, config.n_query)
    result = evaluate(learner, dataset[split], shape, config.n_tasks, config.seed, f"{k_shot}-shot evaluation")
    row: Row = {"method": config.method, "dataset": dataset.name, "split": split, "trained_on": config.dataset}
    row |= {"n_way": config.n_way, "k_shot": k_shot, "n_query": config.n_query, "n_tasks": config.n_tasks}
    own_test = dataset.name == config.dataset and split == "test"
    paper = paper_figure(config, k_shot) if own_test else ""
    return {**row, **result, "options": config.options, "paper": paper}


def _validation_tasks(config: MetaConfig, dataset: FewShotDataset) -> tf.data.Dataset | None:
    if not config.val_tasks:
        return None
    batch = math.gcd(config.val_tasks, 4)
    return labelled_tasks(
        dataset["validation"], config.n_way, 1, config.n_query, batch, config.seed, n_tasks=config.val_tasks
    ).cache()
