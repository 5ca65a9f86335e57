"""One run of bin/draw_tasks.py: pictures of the tasks that a generator makes, before any learner is trained on them."""

from __future__ import annotations

import dataclasses

from ...experiment.run_directory import RunDirectory
from ...training.devices import on_devices
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
        if not directory.is_finished:
            training, data = build_tasks(own, directory.path / "generator.keras")
            with directory.only_writer():
                directory.start(dataclasses.asdict(own), own.resume, data)
                source = training.task_source(directory.path)
                assert isinstance(source, SyntheticSource)
                pictures, shown = directory.pictures, (own.seed, training.inverted)
                n_way = training.shape.n_way
                save_task(pictures / "tasks.png", training.stream(source, 0), training.inverted, N_TASKS)
                save_task_making(pictures / "task-making.png", source, own.train_k_shot, own.train_n_query, *shown)
                save_strategies(pictures / "strategies.png", source, _strategies(own), *shown)
                save_interpolations(pictures / "interpolations.png", source, own.seed, n_way, training.inverted)
                directory.write_results([])  # there is nothing to measure: the run has finished
        print(f"the pictures are under {directory.pictures}")


def _strategies(config: MetaConfig) -> dict[str, Strategy]:
    """The three of the paper, each with the config's parameters, by the titles of their pictures."""
    noise, to_others = f"sigma2 {config.sigma2:g}", f"alpha {config.alpha:g}"
    return {
        f"LASIUM-N, {noise}": build_strategy(dataclasses.replace(config, strategy="n")),
        f"LASIUM-RO, {to_others}": build_strategy(dataclasses.replace(config, strategy="ro")),
        f"LASIUM-OC, {to_others}": build_strategy(dataclasses.replace(config, strategy="oc")),
    }
