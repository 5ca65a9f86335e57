"""One run of bin/train_glico.py: for each sample a generative model, then a classifier for each row of the table."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

import numpy as np

from ...datasets import ClassificationDataset, load_classification
from ...datasets.classification import subset
from ...experiment.plots import save_curves
from ...experiment.run_directory import Row, RunDirectory
from ...training.devices import check_sharing, on_devices
from ...training.files import write_json
from ...training.precision import set_precision
from ...training.stopwatch import Stopwatch
from . import classification, latent_optimization
from .config import GlicoConfig, uses_glico
from .export import export
from .model_cache import Optimized, obtain_model
from .pictures import save_code_space, save_interpolations, save_reconstructions, save_results, save_sweep
from .results import results_table, summarize
from .sample import Sample, draw_sample
from .schedule import Schedule


def run(config: GlicoConfig) -> list[Row]:
    """Carries out a resolved config, or what is left of it, and returns the rows of results.json.

    Raises ValueError or RuntimeError, before any long work, for what the data, the weights or the run directory do not
    allow.
    """
    with on_devices(config) as own:
        return _run(own)


def _run(config: GlicoConfig) -> list[Row]:
    assert config.run_dir is not None, "resolve the config first"
    directory = RunDirectory(config.run_dir)
    directory.check(dataclasses.asdict(config), config.resume)
    set_precision(config.precision)
    dataset = load_classification(
        config.dataset, config.data_dir, config.image_size, int(config.channels), config.held_out, config.skip_bad
    )
    check(config, dataset, directory)
    directory.start(dataclasses.asdict(config), config.resume)
    if not directory.is_finished:
        for samples_per_class in config.samples_per_class:
            for seed in config.all_seeds:
                folder = _folder(directory, samples_per_class, seed)
                folder.mkdir(parents=True, exist_ok=True)
                sample = draw_sample(config, dataset, samples_per_class, seed)
                compare_on_sample(config, directory, sample, folder)
        rows = summarize(config, dataset.name, directory.partial_results())
        save_results(directory.pictures / "results.png", rows)
        if len(config.samples_per_class) > 1:
            save_sweep(directory.pictures / "samples_per_class.png", rows)
        directory.write_results(rows)  # last: a run that has them is finished
    print(results_table(directory.results()))
    print(f"everything is under {directory.path}")
    return directory.results()


def check(config: GlicoConfig, dataset: ClassificationDataset, directory: RunDirectory) -> None:
    """Raises ValueError or RuntimeError for what cannot work, by drawing every sample and building everything once."""
    for samples_per_class in config.samples_per_class:
        for seed in config.all_seeds:
            sample = draw_sample(config, dataset, samples_per_class, seed)
            sample.check_list(_folder(directory, samples_per_class, seed) / "sample.json")
            check_sharing(batch_size=classification.batch_size(config, sample))
            if any(map(uses_glico, config.compare)):
                check_sharing(generator_batch_size=latent_optimization.batch_size(config, sample))
    token = _one_of_each_class(sample)
    numbers = 0
    if any(map(uses_glico, config.compare)):
        model = latent_optimization.build(config, token)
        numbers += sum(variable.shape.num_elements() for variable in model.variables)
        numbers += len(sample.images) * config.latent_dim
        _say_the_schedule("generative model", latent_optimization.generator_schedule(config, sample))
        if 1 in config.samples_per_class:
            print("with 1 image a class there is no partner to interpolate with: sampled are reconstructions alone")
    classifier = classification.build(config, token, config.compare[0], None)
    numbers += classifier.network.count_params()
    _say_the_schedule("each classifier", classification.classifier_schedule(config, sample))
    exported = len(config.compare) * len(config.samples_per_class)
    # two checkpoints of each with its optimizer's state
    _check_space(directory.path, needed=4 * (2 * 3 * numbers + exported * classifier.network.count_params()))


def _one_of_each_class(sample: Sample) -> Sample:
    """Enough to build networks for."""
    _, first = np.unique(sample.labelled.labels, return_index=True)
    return dataclasses.replace(sample, labelled=subset(sample.labelled, first), unlabelled=sample.unlabelled[:0])


def _say_the_schedule(what: str, plan: Schedule) -> None:
    print(f"{what}: {plan.steps} steps")


def _check_space(path: Path, needed: int) -> None:
    """Raises ValueError where the disk has less room than checkpoints and exports take."""
    there = next(folder for folder in (path.absolute(), *path.absolute().parents) if folder.exists())
    free = shutil.disk_usage(there).free
    if free < needed:
        raise ValueError(f"{path} needs {needed / 1e6:.0f} MB for checkpoints, and {free / 1e6:.0f} MB are free there")


def compare_on_sample(config: GlicoConfig, directory: RunDirectory, sample: Sample, folder: Path) -> None:
    """Adds a score to the partial results for each method that has none yet on this sample."""
    samples_per_class = sample.n_labelled // sample.dataset.n_classes
    identity = {"samples_per_class": samples_per_class, "seed": sample.seed, "sample": sample.fingerprint}
    done = [score["method"] for score in directory.partial_results() if score.items() >= identity.items()]
    missing = [method for method in config.compare if method not in done]
    if missing:
        print(f"{samples_per_class} images a class, seed {sample.seed}: {', '.join(missing)}")
    sample.write_list(folder / "sample.json")
    generative = generative_model(config, sample, folder) if any(map(uses_glico, missing)) else None
    for method in missing:
        score = score_method(config, directory, sample, method, generative if uses_glico(method) else None, folder)
        print(f"{method}: top-1 {score['top1']:.2f} %, top-5 {score['top5']:.2f} %")
        directory.write_partial_results([*directory.partial_results(), {**identity, **score}])
    shutil.rmtree(folder / "checkpoints", ignore_errors=True)  # weights of many large classifiers add up


def score_method(
    config: GlicoConfig,
    directory: RunDirectory,
    sample: Sample,
    method: str,
    generative: Optimized | None,
    folder: Path,
) -> Row:
    """Trains, exports and scores one classifier: `method`, `top1`, `top5`, `seconds` and with GLICO `psnr`."""
    sampler = classification.latent_sampler(config, generative.model, sample) if generative else None
    model, history = classification.train_classifier(config, sample, method, sampler, folder)
    steps = classification.classifier_schedule(config, sample).steps_per_epoch
    save_curves(folder / "pictures" / f"{method}-curves.png", history, steps)
    if sample.seed == config.seed:
        exports = directory.export / folder.parent.name
        export(exports / method, model.network, sampler)
        write_json(exports / "classes.json", list(sample.dataset.train.class_names))
    score: Row = {"method": method, **classification.score(model, sample.test)}
    score["seconds"] = Stopwatch(folder / f"{method}-seconds.json").before
    if generative is None:
        return score
    return {**score, "seconds": score["seconds"] + generative.seconds, "psnr": generative.psnr}


def generative_model(config: GlicoConfig, sample: Sample, folder: Path) -> Optimized:
    """The sample's trained model, with pictures of it."""
    optimized = obtain_model(config, sample, folder)
    model, pictures = optimized.model, folder / "pictures"
    steps = latent_optimization.generator_schedule(config, sample).steps_per_epoch
    save_curves(pictures / "generator-curves.png", optimized.history, steps)
    save_reconstructions(pictures / "reconstructions.png", sample, optimized.reconstructions)
    save_interpolations(pictures / "interpolations.png", model, sample)
    start = latent_optimization.initial_codes(config, sample)
    save_code_space(pictures / "code_space.png", start, np.asarray(model.codes.table), sample)
    print(f"reconstruction of the training images: {optimized.psnr:.2f} dB")
    return optimized


def _folder(directory: RunDirectory, samples_per_class: int, seed: int) -> Path:
    return directory.path / f"{samples_per_class}-per-class" / f"seed{seed}"
