"""Where the training tasks of a run come from."""

from __future__ import annotations

from pathlib import Path

from ...datasets import FewShotDataset
from ...models.generator import EncodingGenerator, Generator
from ...training.stopwatch import Stopwatch
from ..tasks.labelled import labelled_source
from ..tasks.strategies import Noise, OtherClasses, RandomOutOfClass, Strategy
from ..tasks.stream import TaskShape, TaskSource
from ..tasks.synthetic import SyntheticSource
from ..tasks.umtra import UmtraSource
from .config import MetaConfig, is_module
from .generators import obtain_generator
from .pictures import save_interpolations


def train_shape(config: MetaConfig) -> TaskShape:
    return TaskShape(config.train_n_way or config.n_way, config.train_k_shot, config.train_n_query)


def strategy(config: MetaConfig) -> Strategy:
    if config.strategy == "n":
        return Noise(config.sigma2)
    return {"ro": RandomOutOfClass, "oc": OtherClasses}[config.strategy](config.alpha)


def anchors_come_from_images(config: MetaConfig, generator: Generator) -> bool:
    """Raises ValueError where they are to, and the generator does not encode."""
    can = isinstance(generator, EncodingGenerator)
    if config.anchors == "images" and not can:
        raise ValueError(f"anchors are to come from images, and the generator {config.generator} does not encode them")
    return config.anchors == "images" or (config.anchors is None and can and not is_module(config.generator))


def synthetic_source(config: MetaConfig, generator: Generator, dataset: FewShotDataset) -> SyntheticSource:
    images = dataset.unlabelled if anchors_come_from_images(config, generator) else None
    return SyntheticSource(generator, strategy(config), config.epsilon, images)


def task_source(
    config: MetaConfig, dataset: FewShotDataset, folder: Path, stopwatch: Stopwatch, source: SyntheticSource | None
) -> TaskSource:
    """Where the training tasks come from; without a source, for synthetic ones this trains the generator."""
    shape = train_shape(config)
    if config.tasks == "supervised":
        return labelled_source(dataset["train"], shape)
    if config.tasks == "umtra":
        return UmtraSource(dataset.unlabelled, shape.n_way)
    if source is None:
        source = synthetic_source(config, obtain_generator(config, dataset, folder, [stopwatch]), dataset)
        source.anchors.check(shape.n_way)
    save_interpolations(folder / "pictures" / "interpolations.png", source, config.seed, dataset.inverted)
    return source
