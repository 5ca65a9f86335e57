"""One run of bin/draw_tasks.py: pictures of the tasks that a generator makes, before any learner is trained on them."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path

import tensorflow as tf

from ...experiment.run_directory import ROWS, RunDirectory
from ...training.devices import on_devices
from ..tasks.anchors import ImageAnchors
from ..tasks.strategies import Strategy
from ..tasks.synthetic import SyntheticSource
from .build import build_tasks
from .build_tasks import build_strategy
from .config import MetaConfig
from .latent_pictures import save_strategies, save_task_making
from .pictures import save_interpolations, save_task

N_TASKS = 3


def draw_tasks(config: MetaConfig) -> None:
    """Carries out a resolved config. Raises ValueError, before any long work, for tasks that no generator makes."""
    if config.tasks != "synthetic":
        raise ValueError(f"tasks is {config.tasks}, which takes no generator: this draws those of --tasks synthetic")
    with on_devices(config) as own:
        assert own.run_dir is not None, "resolve the config first"
        directory = RunDirectory(own.run_dir)
        directory.check(dataclasses.asdict(own), own.resume)
        if directory.config_file.exists() and ROWS in directory.data():
            raise ValueError(f"{directory.path} is a run of bin/train_meta.py: choose another --run-dir")
        if not directory.is_finished:
            training, data = build_tasks(own, directory.path / "generator.keras")
            with directory.only_writer():
                directory.start(dataclasses.asdict(own), own.resume, data)
                source = training.task_source(directory.path)
                assert isinstance(source, SyntheticSource)
                pictures, n_way = directory.pictures, training.shape.n_way
                save_task(pictures / "tasks.png", training.stream(source, 0), training.inverted, N_TASKS)
                save_interpolations(pictures / "interpolations.png", source, own.seed, n_way, training.inverted)
                _draw_planes(own, source, pictures, training.inverted)
                directory.write_results([])  # there is nothing to measure: the run has finished
        print(f"the pictures are under {directory.pictures}")


def _draw_planes(config: MetaConfig, source: SyntheticSource, folder: Path, inverted: bool) -> None:
    """Pictures of three classes, whatever the tasks have: what lies too close for them is left out, and told."""
    if source.generator.latent_dim < 2:
        print("note: no latent plane is drawn, for the generator's latents are numbers", file=sys.stderr)
        return
    shape, shown = (config.train_k_shot, config.train_n_query), (config.seed, inverted)
    draw = {
        "task-making.png": lambda path: save_task_making(path, source, *shape, *shown),
        "strategies.png": lambda path: save_strategies(path, source, _strategies(config), *shown),
    }
    for name, save in draw.items():
        try:
            save(folder / name)
        except tf.errors.InvalidArgumentError:  # of the rejection sampling
            few = f" among {source.anchors.n_images} images" if isinstance(source.anchors, ImageAnchors) else ""
            found = (
                f"its three classes take more vectors than were found{few} with epsilon {source.anchors.epsilon:.2f}"
            )
            print(f"note: {name} is not drawn: {found}", file=sys.stderr)


def _strategies(config: MetaConfig) -> dict[str, Strategy]:
    """The three of the paper, each with the config's parameters, by the titles of their pictures."""
    noise, to_others = f"sigma2 {config.sigma2:g}", f"alpha {config.alpha:g}"
    return {
        f"LASIUM-N, {noise}": build_strategy(dataclasses.replace(config, strategy="n")),
        f"LASIUM-RO, {to_others}": build_strategy(dataclasses.replace(config, strategy="ro")),
        f"LASIUM-OC, {to_others}": build_strategy(dataclasses.replace(config, strategy="oc")),
    }
