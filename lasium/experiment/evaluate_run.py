"""Evaluation of a finished run, on other tasks than its own."""

from __future__ import annotations

import dataclasses
import sys
import time
from pathlib import Path
from typing import Any

from ...datasets.fingerprint import fingerprints
from ...datasets.registry import is_user_dataset
from ...experiment.run_directory import Row, RunDirectory
from ...models.generator import EncodingGenerator, load_generator
from ...training.checksums import check_files
from ...training.precision import set_precision
from ..learners.learner import FewShotLearner
from ..learners.protonets import ProtoNets
from ..tasks.encoding import Latents
from .build import evaluation, load
from .build_learner import build_learner
from .config import MetaConfig
from .feature_layers import feature_layers, with_layers
from .open_set import load_calibrations
from .read_config import read_config
from .report import write_report
from .results import results_table, save_results, verdicts

IDENTITY = ("dataset", "source", "split", "n_way", "k_shot", "n_query", "n_tasks")


def _image_shape(config: MetaConfig) -> tuple[int, int, int]:
    """Of the images that a run was trained on, which need not be there any more if they were a folder's."""
    if config.image_size:
        return config.image_size, config.image_size, int(config.channels)
    return load(config).image_shape


def _with_dataset(config: MetaConfig, dataset: str) -> MetaConfig:
    """The config with another dataset; a folder's images are scaled to those trained on."""
    size, channels = None, "3"
    if is_user_dataset(dataset):
        size, _, number = _image_shape(config)
        channels = str(number)
    return dataclasses.replace(config, dataset=dataset, image_size=size, channels=channels)  # type: ignore[arg-type]


def load_learner(run_dir: Path, image_shape: tuple[int, int, int]) -> FewShotLearner:
    """The trained learner of a finished run. Raises ValueError where the run has not finished."""
    directory = RunDirectory(run_dir)
    directory.finished_results()
    remedy = (
        "remove it and results.json, and repeat the run's command with --resume to write them again (and "
        "bin/evaluate.py for rows that it had added)"
    )
    check_files(run_dir, remedy)
    config = read_config(run_dir)
    set_precision(config.precision)
    learner = build_learner(dataclasses.replace(config, weights=None), image_shape)  # the run's own are read next
    if isinstance(learner, ProtoNets):
        layers = feature_layers(config.discriminants, config.neighbours)
        learner = learner.with_network(with_layers(learner.network, layers))
    try:
        learner.network.load_weights(directory.learner_file)
    except Exception as error:  # h5py and Keras raise many kinds for a damaged file
        raise ValueError(f"{directory.learner_file} cannot be read ({error}): {remedy}") from error
    learner.calibrate(load_calibrations(directory.calibration_file))
    return learner


def _latents(generator: Path) -> Latents | None:
    """Of the generator's file, where there is one and it encodes. Only a yardstick needs it: damage to it is told."""
    try:
        loaded = load_generator(generator) if generator.exists() else None
    except ValueError as error:
        print(f"{error}: the yardstick of its latents is left out", file=sys.stderr)
        return None
    return Latents(loaded) if isinstance(loaded, EncodingGenerator) else None


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
    changes: dict[str, Any] = {"n_query": n_query, "n_tasks": n_tasks, "data_dir": data_dir}
    config = dataclasses.replace(config, **{name: value for name, value in changes.items() if value is not None})
    data = load(_with_dataset(config, dataset) if dataset else config)
    shape = _image_shape(config) if dataset else data.image_shape
    if data.image_shape != shape:
        raise ValueError(f"{run_dir} was trained on images of {shape}; those of {data.name} are {data.image_shape}")
    directory = RunDirectory(run_dir)
    if dataset in (None, config.dataset):
        directory.check_data(fingerprints(data))
    evaluations = [evaluation(config, data, k, split, dataset) for k in k_shot or config.k_shot]
    learner = load_learner(run_dir, shape)
    latents = _latents(run_dir / "generator.keras")
    with directory.only_writer():
        for each in evaluations:
            row = {**each.row(learner, latents), "seconds": round(time.monotonic() - started, 1)}
            kept = [other for other in directory.results() if any(other.get(name) != row[name] for name in IDENTITY)]
            directory.write_results([*kept, row])
        rows = directory.results()
        save_results(directory.pictures / "results.png", rows)
        write_report(directory.path / "report.html", [directory])
    print("\n".join([results_table(rows), "", *verdicts(rows)]))
    return rows
