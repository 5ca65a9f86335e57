"""From the options to the objects of a run. After this no `GlicoConfig` is read but by the functions made here.

All that is wrong with the options, the data and the weights is raised here, before any long work.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import keras
import numpy as np

from ...datasets import load_dataset
from ...datasets.image_store import check_distinct
from ...datasets.small_sample import subset
from ...experiment.run_directory import Row
from ...training.devices import check_sharing
from ...training.files import check_room
from ...training.precision import set_precision
from .build_classifier import build_classifier, classifier_batch_size, classifier_schedule
from .build_dcgan import build_dcgan
from .build_generative import build_generative, generator_batch_size, generator_schedule
from .build_sample import draw_sample
from .build_sampler import Sampler, build_sampler
from .classifier_training import ClassifierTraining
from .config import GlicoConfig
from .description import options_text
from .distances import FeatureDistances
from .generative_training import GenerativeTraining
from .methods import GENERATORS, any_uses, uses
from .paper import paper_figure
from .sample import Sample
from .tuned import Tuned, fingerprint, load_tuned, of_row


@dataclass(frozen=True)
class Experiment:
    """What a run trains and compares, on every sample.

    methods: the rows of the table. samples_per_class, seeds: every pair of them is a sample.
    planned_rows: what the rows of results say beside what is measured. tuned_fingerprint: of what
    rows have of their own.
    draw(samples_per_class, seed): the sample. generative: by name, of a sample the model to be trained.
    sampler(model, sample, method): makes new images by the trained model. distances: of these from real ones, where
    they are measured.
    classifier(sample, method, sampler): a classifier, to be trained.
    """

    methods: tuple[str, ...]
    samples_per_class: tuple[int, ...]
    seeds: range
    planned_rows: list[Row]
    tuned_fingerprint: str
    draw: Callable[[int, int], Sample]
    generative: dict[str, Callable[[Sample], GenerativeTraining]]
    sampler: Callable[[keras.Model, Sample, str], Sampler]
    distances: FeatureDistances | None
    classifier: Callable[[Sample, str, Sampler | None], ClassifierTraining]


def build(config: GlicoConfig, run_dir: Path) -> Experiment:
    """The objects of a resolved config, for a run in that folder.

    Raises ValueError or RuntimeError for what cannot work, by drawing every sample and building the networks once.
    """
    set_precision(config.precision)
    dataset = load_dataset(
        config.dataset,
        config.data_dir,
        config.image_size,
        int(config.channels),
        split_by="image",
        held_out=config.held_out,
        skip_bad=config.skip_bad,
    )
    if config.no_mirror:
        dataset = dataclasses.replace(dataset, mirrored=False)
    tuned = load_tuned(config)

    def classifier(sample: Sample, method: str, sampler: Sampler | None) -> ClassifierTraining:
        return build_classifier(_of_row(config, tuned, method, sample), sample, method, sampler)

    experiment = Experiment(
        config.compare,
        config.samples_per_class,
        config.all_seeds,
        planned_rows(config, dataset.name, tuned),
        fingerprint(tuned),
        partial(draw_sample, config, dataset),
        {"glico": partial(build_generative, config), "dcgan": partial(build_dcgan, config)},
        partial(build_sampler, config),
        FeatureDistances(config, dataset) if config.features else None,
        classifier,
    )
    _check(config, tuned, experiment, run_dir)
    return experiment


def planned_rows(config: GlicoConfig, dataset: str, tuned: Tuned) -> list[Row]:
    """One row for each size of sample and each method, with what is known of it before anything is measured."""
    return [
        {
            "method": method,
            "variant": config.variant(method),
            "dataset": dataset,
            "split": config.split,
            "samples_per_class": samples_per_class,
            "paper": paper_figure(config, samples_per_class, method),
            "options": options_text(own, method),
            "training": options_text(own, "baseline"),
        }
        for samples_per_class in config.samples_per_class
        for method in config.compare
        for own in [of_row(config, tuned, method, samples_per_class)]
    ]


def sample_folder(run_dir: Path, samples_per_class: int, seed: int) -> Path:
    """Where a run keeps what it makes from one sample."""
    return run_dir / f"{samples_per_class}-per-class" / f"seed{seed}"


def _of_row(config: GlicoConfig, tuned: Tuned, method: str, sample: Sample) -> GlicoConfig:
    return of_row(config, tuned, method, sample.n_labelled // len(sample.labelled.class_names))


def _check(config: GlicoConfig, tuned: Tuned, experiment: Experiment, run_dir: Path) -> None:
    generators = [name for name in GENERATORS if any_uses(config.compare, name)]
    samples: dict[int, Sample] = {}  # of each size the last
    for samples_per_class in config.samples_per_class:
        for seed in config.all_seeds:
            sample = samples[samples_per_class] = experiment.draw(samples_per_class, seed)
            sample.check_list(sample_folder(run_dir, samples_per_class, seed) / "sample.json")
            n_classes, name = len(sample.labelled.class_names), sample.dataset.name
            if experiment.distances and len(sample.test.labels) < 2:
                raise ValueError(f"features are compared over 2 images to classify or more, and {name} has 1")
            check_distinct(sample.labelled.images, n_classes, f"{n_classes} classes of {name} take different images")
            for method in config.compare:
                check_sharing(batch_size=classifier_batch_size(_of_row(config, tuned, method, sample), sample))
            if generators:
                check_sharing(generator_batch_size=generator_batch_size(config, sample))
    token = _one_of_each_class(sample)
    n_weights = 0
    for name in generators:
        generative = experiment.generative[name](token)
        n_weights += sum(variable.shape.num_elements() for variable in generative.model.variables)
        n_weights += len(sample.images) * config.latent_dim if name == "glico" else 0
        alone = any(uses(method, "glico") and not uses(method, "pseudo-labels") for method in config.compare)
        if name == "glico" and alone and 1 in config.samples_per_class:
            print("with 1 image a class there is no partner to interpolate with: only reconstructions are sampled")
    classifier = experiment.classifier(token, config.compare[0], None)
    _say_the_schedules(config, tuned, generators, samples)
    exported = len(config.compare) * len(config.samples_per_class)
    n_classifier = classifier.model.network.count_params()
    # two checkpoints of each with its optimizer's state
    check_room(run_dir, 4 * (2 * 3 * (n_weights + n_classifier) + exported * n_classifier))


def _say_the_schedules(config: GlicoConfig, tuned: Tuned, generators: list[str], samples: dict[int, Sample]) -> None:
    """samples: one of each size, by the labelled images of a class."""
    for samples_per_class, sample in samples.items():
        steps = {}
        if "glico" in generators:
            steps["generative model"] = generator_schedule(config, sample).steps
        if "dcgan" in generators:
            steps["DCGAN"] = generator_schedule(config, sample.of_labels_alone).steps
        for method in config.compare if tuned else ():
            own = _of_row(config, tuned, method, sample)
            steps[f"classifier {method}"] = classifier_schedule(own, sample).steps
        if not tuned:
            steps["each classifier"] = classifier_schedule(config, sample).steps
        for what, number in steps.items():
            print(f"{what}, {samples_per_class} images a class: {number} steps")


def _one_of_each_class(sample: Sample) -> Sample:
    """Enough to build networks for."""
    _, first = np.unique(sample.labelled.labels, return_index=True)
    return dataclasses.replace(sample.of_labels_alone, labelled=subset(sample.labelled, first))
