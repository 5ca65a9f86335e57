"""One run of bin/train_glico.py: for each sample a generative model, then a classifier for each row of the table."""

from __future__ import annotations

import dataclasses
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from sklearn.metrics import confusion_matrix

from ...experiment.paired_samples import packed
from ...experiment.plots import save_curves
from ...experiment.run_directory import ROWS, Row, RunDirectory
from ...experiment.text import printable
from ...training.checksums import sha256, write_checksums
from ...training.devices import on_devices
from ...training.files import write_json
from ...training.stopwatch import Stopwatch
from .build import Experiment, build, sample_folder
from .classifier_training import score
from .config import GlicoConfig
from .export import export
from .generative_training import TrainedModel
from .methods import GENERATORS, any_uses, uses
from .new_images import measured, trained_model
from .pictures import save_new_images, save_results, save_sweep
from .report import write_report
from .results import results_table, summarize
from .sample import Sample


def run(config: GlicoConfig) -> list[Row]:
    """Carries out a resolved config, or what is left of it, and returns the rows of results.json.

    Raises ValueError or RuntimeError, before any long work, for what the data, the weights or the run directory do not
    allow.
    """
    with on_devices(config) as own:
        assert own.run_dir is not None, "resolve the config first"
        directory = RunDirectory(own.run_dir)
        directory.check(dataclasses.asdict(own), own.resume)
        report = directory.path / "report.html"
        if not directory.is_finished:
            experiment = build(own, directory.path)
            with directory.only_writer():
                data = {ROWS: str(len(experiment.planned_rows)), "tuned": experiment.tuned_fingerprint}
                directory.start(dataclasses.asdict(own), own.resume, data | weights_fingerprints(own))
                report.unlink(missing_ok=True)  # of results that were lost
                carry_out(experiment, directory)
        if not report.exists():
            write_report(report, [directory])
        print(results_table(directory.results()))
        print(f"everything is under {directory.path}; {report.name} there shows it")
        return directory.results()


def weights_fingerprints(config: GlicoConfig) -> dict[str, str]:
    """Sixteen digits of each file of weights that the config names."""
    files = {name: getattr(config, name) for name in ("vgg_weights", "features_weights")}
    return {name: sha256(file)[:16] for name, file in files.items() if file}


def carry_out(experiment: Experiment, directory: RunDirectory) -> None:
    """Trains and scores every method on every sample, and writes the rows and their pictures."""
    for samples_per_class in experiment.samples_per_class:
        for seed in experiment.seeds:
            compare_on_sample(experiment, directory, samples_per_class, seed)
    rows = summarize(experiment.planned_rows, directory.partial_results())
    save_results(directory.pictures / "results.png", rows)
    if len(experiment.samples_per_class) > 1:
        save_sweep(directory.pictures / "samples_per_class.png", rows)
    directory.write_results(rows)  # last: a run that has them is finished


def compare_on_sample(experiment: Experiment, directory: RunDirectory, samples_per_class: int, seed: int) -> None:
    """Adds a score to the partial results for each method that has none yet on this sample."""
    sample = experiment.draw(samples_per_class, seed)
    folder = sample_folder(directory.path, samples_per_class, seed)
    folder.mkdir(parents=True, exist_ok=True)
    identity = {"samples_per_class": samples_per_class, "seed": seed, "sample": sample.fingerprint}
    done = [row["method"] for row in directory.partial_results() if row.items() >= identity.items()]
    missing = [method for method in experiment.methods if method not in done]
    if missing:
        print(f"{samples_per_class} images a class, seed {seed}: {', '.join(missing)}")
    sample.write_list(folder / "sample.json")
    trained = {name: trained_model(experiment, sample, name, folder) for name in GENERATORS if any_uses(missing, name)}
    if len(trained) == len(GENERATORS):
        samplers = {name.upper(): experiment.sampler(each.model, sample, name) for name, each in trained.items()}
        save_new_images(folder / "pictures" / "generators.png", samplers, sample)
    for method in missing:
        generative = next((each for name, each in trained.items() if uses(method, name)), None)
        row = score_method(experiment, directory, sample, method, generative, folder)
        print(f"{method}: top-1 {row['top1']:.2f} %, top-5 {row['top5']:.2f} %")
        directory.write_partial_results([*directory.partial_results(), {**identity, **row}])
    shutil.rmtree(folder / "checkpoints", ignore_errors=True)  # weights of many large classifiers add up


def score_method(
    experiment: Experiment,
    directory: RunDirectory,
    sample: Sample,
    method: str,
    generative: TrainedModel | None,
    folder: Path,
) -> Row:
    """Trains, exports and scores one classifier: `method`, `top1`, `top5`, `seconds` and what its new images have."""
    sampler = experiment.sampler(generative.model, sample, method) if generative else None
    of_images = measured(experiment, sample, method, generative, sampler, folder) if generative and sampler else {}
    training = experiment.classifier(sample, method, sampler)
    history = training.carry_out(folder)
    save_curves(folder / "pictures" / f"{method}-curves.png", history, training.schedule.steps_per_epoch)
    if sample.seed == experiment.seeds[0]:
        exports = directory.export / folder.parent.name
        export(exports / method, training.model.network, sampler)
        write_checksums(exports / method)
        write_json(exports / "classes.json", list(sample.labelled.class_names))
    top, taken = score(training.model, sample.test)
    labels, names = sample.test.labels, sample.labelled.class_names
    counts = confusion_matrix(labels, taken, labels=range(len(names)))
    write_json(folder / f"{method}-confusion.json", {"classes": list(names), "counts": counts.tolist()})
    if note := one_answer(method, taken, names):
        print(f"note: {note}", file=sys.stderr)
    seconds = Stopwatch(folder / f"{method}-seconds.json").before + (generative.seconds if generative else 0.0)
    right = {"images": len(labels), "right": packed(taken == labels)}
    return {"method": method, **top, **right, **of_images, "seconds": seconds}


def one_answer(method: str, taken: np.ndarray, names: Sequence[str]) -> str:
    """What to say of a classifier that took all images (n,) for the same of several classes; empty of others."""
    if len(names) < 2 or len(set(taken.tolist())) > 1:
        return ""
    remedy = "its guesses fed on themselves, lower --guess-weight" if uses(method, "mixmatch") else "lower --lr"
    return f"{method} takes every image for {printable(names[taken[0]])}: {remedy}"
