"""Pictures of a run: reconstructions, interpolations, the code space, accuracies (figures 3, 5 and 6 of the paper)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import tensorflow as tf
from matplotlib.figure import Figure

from ...experiment.plots import plain, save_bars, save_by_size, save_figure, save_image_sheet, told_apart
from ...experiment.run_directory import Row
from ..latent.interpolation import slerp
from ..latent.model import GLICO
from .build_sampler import Sampler
from .results import images_of, label
from .sample import Sample

MOST_CLASSES = 10  # in a picture
PER_CLASS = 8  # images of a class among the reconstructions
N_BETWEEN = 5  # images between the two ends of an interpolation, as in figure 5a


def save_reconstructions(path: Path, sample: Sample, reconstructed: np.ndarray) -> None:
    """A class a row: labelled images to the left, what the generator makes of their codes to the right.

    reconstructed: float32 in [0, 1], (n_labelled, height, width, channels).
    """
    names = sample.labelled.class_names[:MOST_CLASSES]
    per_class = min(PER_CLASS, *np.bincount(sample.labelled.labels)[: len(names)])
    chosen = np.stack([np.flatnonzero(sample.labelled.labels == n)[:per_class] for n in range(len(names))])
    images = sample.labelled.images / np.float32(255.0)
    sheet = np.concatenate([images[chosen], reconstructed[chosen]], axis=1)  # (classes, 2 per_class, h, w, c)
    save_image_sheet(path, sheet, ["images", "reconstructions"], list(names), per_class, sample.dataset.inverted)


def save_interpolations(path: Path, model: GLICO, sample: Sample) -> None:
    """A class a row: the reconstructions of two of its images, and what slerp finds between their codes."""
    rows, names = [], []
    for number, name in enumerate(sample.labelled.class_names[:MOST_CLASSES]):
        members = np.flatnonzero(sample.labelled.labels == number)
        ends = model.codes(tf.constant([members[0], members[-1]]))
        n = N_BETWEEN + 2
        share = tf.linspace(0.0, 1.0, n)
        codes = slerp(tf.repeat(ends[:1], n, axis=0), tf.repeat(ends[1:], n, axis=0), share)
        rows.append(model.generate(codes, tf.constant([sample.seed, number])).numpy())
        names.append(name)
    title = "slerp from one image of a class to another"
    save_image_sheet(path, np.stack(rows), [title], names, inverted=sample.dataset.inverted)


def save_new_images(path: Path, samplers: dict[str, Sampler], sample: Sample) -> None:
    """A class a row: labelled images to the left, then as many new ones by each of the samplers, under its name."""
    names = sample.labelled.class_names[:MOST_CLASSES]
    per_class = min(PER_CLASS, *np.bincount(sample.labelled.labels)[: len(names)])
    rows = []
    for number in range(len(names)):
        members = np.flatnonzero(sample.labelled.labels == number)[:per_class]
        classes, seed = tf.fill((per_class,), number), tf.constant([sample.seed, number])
        made = [sampler.of_classes(classes, seed).numpy() for sampler in samplers.values()]
        rows.append(np.concatenate([sample.labelled.images[members] / np.float32(255.0), *made]))
    sheet = np.stack(rows)  # (classes, (1 + samplers) per_class, h, w, c)
    gaps = [per_class * (1 + number) for number in range(len(samplers))]
    save_image_sheet(path, sheet, ["images", *samplers], list(names), gaps, sample.dataset.inverted)


def save_pseudo_labels(path: Path, labels: np.ndarray, sample: Sample) -> None:
    """A class a row: images without a label that were taken for it. labels: (n,) of all that have a code."""
    names = sample.labelled.class_names[:MOST_CLASSES]
    sheet = np.ones((len(names), 2 * PER_CLASS, *sample.images.shape[1:]), np.float32) - sample.dataset.inverted
    for number in range(len(names)):
        members = sample.n_labelled + np.flatnonzero(labels[sample.n_labelled :] == number)[: 2 * PER_CLASS]
        sheet[number, : len(members)] = sample.images[members] / np.float32(255.0)
    save_image_sheet(path, sheet, ["images by their pseudo-labels"], list(names), inverted=sample.dataset.inverted)


def save_code_space(path: Path, start: np.ndarray, end: np.ndarray, sample: Sample) -> None:
    """The codes (n, d) before and after, on the two directions in which each varies most, coloured by class."""
    figure = Figure(figsize=(9, 4.2), layout="constrained")
    for axis, codes, title in zip(figure.subplots(1, 2), (start, end), ("at the start", "at the end"), strict=True):
        points, share = principal_plane(codes)
        without = sample.labels < 0
        axis.scatter(
            *points[without].T, marker="x", s=8, color="black", alpha=0.4, label="no label" if without.any() else None
        )
        for number, name in enumerate(sample.labelled.class_names[:MOST_CLASSES]):
            axis.scatter(*points[sample.labels == number].T, s=16, color=f"C{number}", label=plain(name))
        axis.set_title(f"codes {title}: {100 * share:.0f} % of their variance", fontsize=9)
        axis.set_aspect("equal", "datalim")
    axis.legend(fontsize=7, loc="center left", bbox_to_anchor=(1.0, 0.5))
    save_figure(figure, path)


def principal_plane(codes: np.ndarray) -> tuple[np.ndarray, float]:
    """Coordinates (n, 2) on the first two principal components of (n, d), and the share of the variance they hold."""
    centred = codes - codes.mean(axis=0)
    left, sizes, _ = np.linalg.svd(centred, full_matrices=False)
    return left[:, :2] * sizes[:2], float((sizes[:2] ** 2).sum() / max((sizes**2).sum(), 1e-12))


def save_results(path: Path, rows: list[Row]) -> None:
    """Top-1 accuracy of every row with its standard error, coloured by the size of the sample."""
    sizes = sorted({row["samples_per_class"] for row in rows})
    labels = [f"{label(row)}, {images_of(row)}, {row['samples_per_class']} a class" for row in rows]
    labels = told_apart(labels, rows, "run")
    errors = [row["ste"] or 0.0 for row in rows]
    groups = [sizes.index(row["samples_per_class"]) for row in rows]
    save_bars(path, labels, [row["top1"] for row in rows], errors, groups, "top-1 accuracy, %, with standard error")


def save_sweep(path: Path, rows: list[Row]) -> None:
    """Top-1 accuracy over images a class, one line a method, with standard errors: figure 6."""
    curves = {}
    for name in dict.fromkeys(label(row) for row in rows):
        ours = sorted((row for row in rows if label(row) == name), key=lambda row: row["samples_per_class"])
        sizes, accuracies = ([row[key] for row in ours] for key in ("samples_per_class", "top1"))
        curves[name] = sizes, accuracies, [row["ste"] or 0.0 for row in ours]
    save_by_size(path, curves, "top-1 accuracy, %")
