"""Evaluation of a finished run, on other tasks than its own."""

from __future__ import annotations

import dataclasses
import sys
import time
from pathlib import Path
from typing import Any

from ...datasets.registry import is_user_dataset, short_name
from ...experiment.run_directory import Row, RunDirectory
from ...experiment.task_scores import IDENTITY, keep_scores, load_scores
from ...models.generator import EncodingGenerator, load_generator
from ..tasks.encoding import Latents
from .build import load
from .build_evaluations import evaluation
from .config import MetaConfig
from .embedding import latents_of_run
from .load_learner import load_learner
from .read_config import read_config
from .report import write_report
from .results import results_table, save_results, verdicts


def _image_shape(run: RunDirectory, config: MetaConfig) -> tuple[int, int, int]:
    """Of the images that a run was trained on, which need not be there any more."""
    if stored := run.data().get("image_shape"):
        height, width, channels = map(int, stored.split("x"))
        return height, width, channels
    if config.image_size:  # of an earlier version
        return config.image_size, config.image_size, int(config.channels)
    return load(config).image_shape


def _with_dataset(config: MetaConfig, dataset: str, shape: tuple[int, int, int], data_dir: Path | None) -> MetaConfig:
    """The config with another dataset, of whose images none are learned from; a folder's are scaled to the shape of
    those that were."""
    size, channels = (shape[0], str(shape[2])) if is_user_dataset(dataset) else (None, "3")
    n_unlabelled = config.n_unlabelled if dataset == config.dataset else None
    return dataclasses.replace(
        config,
        dataset=dataset,
        data_dir=data_dir,
        image_size=size,
        channels=channels,  # type: ignore[arg-type]
        n_unlabelled=n_unlabelled,
    )


def _latents(run: Path, image_shape: tuple[int, int, int]) -> Latents | None:
    """Of the run's embedding or generator, where it has one. Only a yardstick needs it: damage to it is told."""
    generator = run / "generator.keras"
    try:
        if features := latents_of_run(run, image_shape):
            return features
        loaded = load_generator(generator) if generator.exists() else None
    except ValueError as error:
        print(f"{error}: the yardstick of its latents is left out", file=sys.stderr)
        return None
    return Latents(loaded.encode) if isinstance(loaded, EncodingGenerator) else None


def _with_row(rows: list[Row], row: Row) -> list[Row]:
    """The rows with this one in the place of that of the same tasks, whose time it keeps, or at their end."""
    for number, other in enumerate(rows):
        if all(other.get(name) == row[name] for name in IDENTITY):
            times = {name: other[name] for name in ("times", "seconds") if name in other}
            return [*rows[:number], {**row, **times}, *rows[number + 1 :]]
    return [*rows, row]


def evaluate_run(
    run_dir: Path,
    k_shot: tuple[int, ...] | None = None,
    n_query: int | None = None,
    n_tasks: int | None = None,
    dataset: str | None = None,
    data_dir: Path | None = None,
    split: str = "test",
) -> list[Row]:
    """Adds rows to the run's results.json, in place of those of the same tasks, prints them all and returns them.

    Raises ValueError, before any evaluation, where a split is too small for one of the shots.
    """
    started = time.monotonic()
    config = read_config(run_dir)
    changes: dict[str, Any] = {"n_query": n_query, "n_tasks": n_tasks}
    if dataset in (None, config.dataset):
        changes["data_dir"] = data_dir = data_dir or config.data_dir
    config = dataclasses.replace(config, **{name: value for name, value in changes.items() if value is not None})
    if dataset:
        shape = _image_shape(RunDirectory(run_dir), config)
        data = load(_with_dataset(config, dataset, shape, data_dir))
    else:
        data = load(config)
        shape = data.image_shape
    if data.image_shape != shape:
        raise ValueError(f"{run_dir} was trained on images of {shape}; those of {data.name} are {data.image_shape}")
    directory = RunDirectory(run_dir)
    if dataset in (None, config.dataset):
        directory.check_data(data.fingerprints)
    elif directory.data().get(split) == data[split].fingerprint:
        dataset = None  # the run's own images, however their folder is called
        data = dataclasses.replace(data, name=short_name(config.dataset))
    load_scores(directory.task_scores_file)  # a damaged one is told before the long work
    shots = {row["k_shot"] for row in directory.results()}  # the run left out what its classes are too small for
    usual = [k for k in config.k_shot if k in shots] or config.k_shot
    evaluations = [evaluation(config, data, k, split, dataset) for k in k_shot or usual]
    learner = load_learner(run_dir, shape)
    latents = Latents(learner.embed) if config.is_classifier else _latents(run_dir, shape)
    with directory.only_writer():
        for each in evaluations:
            measured, scores = each.measure(learner, latents)
            row = {**measured, "seconds": round(time.monotonic() - started, 1)}
            keep_scores(directory.task_scores_file, scores)
            directory.write_results(_with_row(directory.results(), row))
        rows = directory.results()
        save_results(directory.pictures / "results.png", rows)
        write_report(directory.path / "report.html", [directory])
    print("\n".join([results_table(rows), "", *verdicts(rows)]))
    return rows
