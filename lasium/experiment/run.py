"""One run of bin/train_meta.py or bin/train_generator.py."""

from __future__ import annotations

import dataclasses
import time

from ...datasets.fingerprint import fingerprints
from ...experiment.run_directory import Row, RunDirectory
from ...training.checksums import write_checksums
from ...training.devices import on_devices
from ...training.files import check_room, copy_whole
from ...training.precision import set_precision
from ..learners.protonets import ProtoNets
from .build import Experiment, build, bytes_on_disk, load
from .build_generator import build_gate, build_generator_training
from .config import MetaConfig
from .generator_config import GeneratorConfig
from .results import results_table, save_results, verdicts


def run(config: MetaConfig) -> list[Row]:
    """Carries out a resolved config, or what is left of it, and returns the rows of results.json.

    Raises ValueError, before any long work, for what the data or the run directory do not allow.
    """
    with on_devices(config) as own:
        assert own.run_dir is not None, "resolve the config first"
        directory = RunDirectory(own.run_dir)
        directory.check(dataclasses.asdict(own), own.resume)
        if not directory.is_finished:
            experiment = build(own, directory.path / "generator.keras")
            with directory.only_writer():
                directory.start(dataclasses.asdict(own), own.resume, experiment.data)
                carry_out(experiment, directory)
        if directory.results():
            print("\n".join([results_table(directory.results()), "", *verdicts(directory.results())]))
        print(f"everything is under {directory.path}")
        return directory.results()


def carry_out(experiment: Experiment, directory: RunDirectory) -> None:
    """Trains, calibrates, exports and, where there are labelled images, evaluates."""
    learner, training = experiment.learner, experiment.meta_training
    generator = None
    if training:
        kept = directory.path / "generator.keras"
        if training.generator_file and not kept.exists():
            copy_whole(training.generator_file, kept)
        generator = getattr(training.carry_out(learner, directory), "generator", None)
    if experiment.feature_layers and isinstance(learner, ProtoNets):
        learner = experiment.feature_layers.fitted(learner, directory.path)
    learner.network.save_weights(directory.learner_file)
    write_checksums(directory.path, [directory.learner_file])
    if experiment.calibration:
        experiment.calibration.calibrate(learner, directory.path / "calibration.json")
    learner.export(directory.export)
    write_checksums(directory.export)
    rows = directory.partial_results()
    before = training.times(directory.path) if training else {}
    done = {row["k_shot"] for row in rows}
    for evaluation in experiment.evaluations:
        if evaluation.shape.k_shot not in done:
            started = time.monotonic()
            row = evaluation.row(learner, generator)
            seconds = round(time.monotonic() - started, 1)
            so_far = rows[-1]["seconds"] if rows else sum(part or 0.0 for part in before.values())
            rows.append({**row, "times": {**before, "evaluation": seconds}, "seconds": round(so_far + seconds, 1)})
            directory.write_partial_results(rows)
    if rows:
        save_results(directory.pictures / "results.png", rows)
    directory.write_results(rows)  # last: a run that has them is finished


def run_generator(config: GeneratorConfig) -> None:
    """Trains the generator of a resolved config. Raises ValueError for one that cannot be trained."""
    with on_devices(config) as own:
        assert own.run_dir is not None, "resolve the config first"
        directory = RunDirectory(own.run_dir)
        directory.check(dataclasses.asdict(own), own.resume)
        set_precision(own.precision)
        dataset = load(own)
        training, gate = build_generator_training(own, dataset), build_gate(own, dataset)
        check_room(directory.path, bytes_on_disk(training.model))
        with directory.only_writer():
            directory.start(dataclasses.asdict(own), own.resume, {"unlabelled": fingerprints(dataset)["unlabelled"]})
            gate.check(training.obtain(directory.path), directory.path)
        print(
            f"bin/train_meta.py --dataset {own.dataset} --generator {own.generator} finds it again under the same "
            f"generator options; elsewhere use --generator {directory.path / 'generator.keras'}"
        )
