"""One run of bin/train_glico.py: for each sample a generative model, then a classifier for each row of the table."""

from __future__ import annotations

import dataclasses
import shutil
import sys
from pathlib import Path

import numpy as np

from ..datasets import ClassificationDataset, load_classification
from ..datasets.classification import subset
from ..experiment.plots import save_curves
from ..experiment.run_directory import Row, RunDirectory
from ..experiment.stopwatch import Stopwatch
from ..experiment.training import set_precision
from . import classification, latent_optimization
from .config import GlicoConfig, uses_glico
from .export import export
from .pictures import save_code_space, save_interpolations, save_reconstructions, save_results, save_sweep
from .results import results_table, summarize
from .sample import Sample, draw_sample
from .sampling import LatentSampler


def run(config: GlicoConfig) -> list[Row]:
    """Carries out a resolved config, or what is left of it, and returns the rows of results.json.

    Raises ValueError or RuntimeError, before any long work, for what the data, the weights or the run directory do not
    allow.
    """
    assert config.run_dir is not None, "resolve the config first"
    directory = RunDirectory(config.run_dir)
    directory.check(dataclasses.asdict(config), config.resume)
    set_precision(config.mixed_precision)
    dataset = load_classification(
        config.dataset, config.data_dir, config.image_size, int(config.channels), config.held_out, config.skip_bad
    )
    check(config, dataset, directory)
    directory.start(dataclasses.asdict(config), config.resume)
    if not directory.results():
        for samples_per_class in config.samples_per_class:
            for seed in config.all_seeds:
                compare_on_sample(config, dataset, directory, samples_per_class, seed)
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
    sample = _one_of_each_class(sample)
    numbers = 0
    if any(map(uses_glico, config.compare)):
        _say_who_is_alone(config)
        model = latent_optimization.build(config, sample, config.seed)
        numbers += 3 * sum(int(np.prod(variable.shape)) for variable in model.variables)
    classifier = classification.build(config, dataset, sample, config.compare[0], None, config.seed, steps=1)
    numbers += 2 * classifier.network.count_params()
    _check_space(directory.path, needed=2 * 4 * numbers)  # two checkpoints of either


def _one_of_each_class(sample: Sample) -> Sample:
    """Enough to build networks for."""
    _, first = np.unique(sample.labelled.labels, return_index=True)
    return dataclasses.replace(sample, labelled=subset(sample.labelled, first), unlabelled=sample.unlabelled[:0])


def _say_who_is_alone(config: GlicoConfig) -> None:
    if 1 in config.samples_per_class:
        print(
            "with 1 image of a class there is no partner to interpolate with: sampled are its reconstructions alone",
            file=sys.stderr,
        )


def _check_space(path: Path, needed: int) -> None:
    """Raises ValueError where the disk has less room than the checkpoints take."""
    there = next(folder for folder in (path.absolute(), *path.absolute().parents) if folder.exists())
    free = shutil.disk_usage(there).free
    if free < needed:
        raise ValueError(f"{path} needs {needed / 1e6:.0f} MB for checkpoints, and {free / 1e6:.0f} MB are free there")


def compare_on_sample(
    config: GlicoConfig,
    dataset: ClassificationDataset,
    directory: RunDirectory,
    samples_per_class: int,
    seed: int,
) -> None:
    """Adds a score to the partial results for each method that has none yet on this sample."""
    done = [score for score in directory.partial_results() if _is_of(score, samples_per_class, seed)]
    missing = [method for method in config.compare if method not in {score["method"] for score in done}]
    if not missing:
        return
    print(f"{samples_per_class} images a class, seed {seed}: {', '.join(missing)}")
    folder = directory.path / f"{samples_per_class}-per-class" / f"seed{seed}"
    folder.mkdir(parents=True, exist_ok=True)
    sample = draw_sample(config, dataset, samples_per_class, seed)
    sample.write_list(folder / "sample.json")
    sampler: LatentSampler | None = None
    of_generator: Row = {}
    if any(map(uses_glico, missing)):
        sampler, of_generator = generative_model(config, dataset, sample, seed, folder)
    for method in missing:
        its_sampler = sampler if uses_glico(method) else None
        stopwatch = Stopwatch(folder / f"{method}-seconds.json")
        model, history, plan = classification.train_classifier(
            config, dataset, sample, method, its_sampler, seed, folder, [stopwatch]
        )
        save_curves(folder / "pictures" / f"{method}-curves.png", history, plan.steps_per_epoch)
        if seed == config.seed:
            export(directory.export / f"{samples_per_class}-per-class" / method, model.network, its_sampler)
        score = {"samples_per_class": samples_per_class, "seed": seed, "method": method}
        score |= {**classification.score(model, sample.test), "seconds": stopwatch.seconds}
        if uses_glico(method):
            score |= {"psnr": of_generator["psnr"], "seconds": stopwatch.seconds + of_generator["seconds"]}
        print(f"{method}: top-1 {score['top1']:.2f} %, top-5 {score['top5']:.2f} %")
        directory.write_partial_results([*directory.partial_results(), score])
    shutil.rmtree(folder / "checkpoints")  # of a finished sample: weights of large classifiers add up


def generative_model(
    config: GlicoConfig,
    dataset: ClassificationDataset,
    sample: Sample,
    seed: int,
    folder: Path,
) -> tuple[LatentSampler, Row]:
    """The sampler of the sample's trained model, with pictures of it; `psnr` of its reconstructions and `seconds`."""
    optimized = latent_optimization.optimize(config, dataset, sample, seed, folder)
    model = optimized.model
    model.save_weights(folder / "glico.weights.h5")
    pictures = folder / "pictures"
    plan = latent_optimization.generator_schedule(config, dataset, sample)
    save_curves(pictures / "generator-curves.png", optimized.history, plan.steps_per_epoch)
    save_reconstructions(pictures / "reconstructions.png", model, sample, seed)
    save_interpolations(pictures / "interpolations.png", model, sample, seed)
    start = latent_optimization.initial_codes(config, sample, seed)
    save_code_space(pictures / "code_space.png", start, np.asarray(model.codes.table), sample)
    psnr = latent_optimization.psnr(model, sample, seed)
    print(f"reconstruction of the training images: {psnr:.2f} dB")
    return classification.latent_sampler(config, model, sample), {"psnr": psnr, "seconds": optimized.seconds}


def _is_of(score: Row, samples_per_class: int, seed: int) -> bool:
    return (score["samples_per_class"], score["seed"]) == (samples_per_class, seed)
