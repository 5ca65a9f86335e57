"""What makes a sample's new images, trained; its pictures; and what is measured of the images."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np

from ...experiment.plots import save_curves
from ...experiment.run_directory import Row
from .build import Experiment
from .build_sampler import Sampler
from .generative_training import TrainedModel, psnr, reconstructions
from .methods import GENERATORS, uses
from .pictures import (
    save_code_space,
    save_interpolations,
    save_new_images,
    save_pseudo_labels,
    save_reconstructions,
)
from .sample import Sample


def trained_model(experiment: Experiment, sample: Sample, name: str, folder: Path) -> TrainedModel:
    """The sample's trained generative model, `glico` or `dcgan`, with pictures of it."""
    training, pictures = experiment.generative[name](sample), folder / "pictures"
    start = np.array(training.model.codes.table) if name == "glico" else None
    trained = training.obtain(folder)
    save_curves(pictures / f"{training.stage}-curves.png", trained.history, training.schedule.steps_per_epoch)
    new_images = pictures / f"{'' if name == 'glico' else f'{name}-'}new_images.png"
    save_new_images(new_images, {"new images": experiment.sampler(trained.model, sample, name)}, sample)
    if start is None:
        return trained
    images = reconstructions(trained.model, sample.n_labelled, sample.seed)
    save_reconstructions(pictures / "reconstructions.png", sample, images)
    save_interpolations(pictures / "interpolations.png", trained.model, sample)
    save_code_space(pictures / "code_space.png", start, np.asarray(trained.model.codes.table), sample)
    trained = dataclasses.replace(trained, psnr=psnr(sample.labelled.images, images))
    print(f"reconstruction of the training images: {trained.psnr:.2f} dB")
    return trained


def measured(
    experiment: Experiment, sample: Sample, method: str, generative: TrainedModel, sampler: Sampler, folder: Path
) -> Row:
    """What is known of a row's new images: `psnr`, in dB; `pseudo_labelled` and `pseudo_right`, how many images without
    labels got one, and percent of these the right one; and the distances that `FeatureDistances` measures.
    """
    found: Row = {} if generative.psnr is None else {"psnr": generative.psnr}
    guesses = uses(method, "pseudo-labels")
    if guesses:
        labels = np.asarray(sampler.labels)
        guessed = labels[sample.n_labelled :]
        sure = guessed >= 0
        found["pseudo_labelled"] = int(sure.sum())
        found |= (
            {"pseudo_right": 100.0 * float((guessed == sample.unlabelled_labels)[sure].mean())} if sure.any() else {}
        )
        right = f", {found['pseudo_right']:.1f} % of them right" if sure.any() else ""
        print(f"pseudo-labels: {found['pseudo_labelled']} of {len(sample.unlabelled)} images without labels{right}")
        save_pseudo_labels(folder / "pictures" / "pseudo_labels.png", labels, sample)
    if experiment.distances:
        # rows with the same sampler share them
        sampled = next(name for name in GENERATORS if uses(method, name)) + "-pseudo-labels" * guesses
        file = folder / f"{sampled}-distances.json"
        found |= experiment.distances.measured(sampler, sample, file)
        distances = f"Frechet distance {found['frechet']:.2f}, kernel distance {found['kernel']:.4f}"
        own = f"the sample's own kernel distance {found['kernel_of_sample']:.4f}"
        print(f"{method}: {distances}; {own}, by {found['features']}")
    return found
