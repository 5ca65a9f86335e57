"""Pictures in a plane of latent space: how a task is made, and what the strategies do.

Figures 1, 2 and 3 of Khodadadeh et al. 2020, with a run's own generator, anchors and strategy.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from matplotlib.figure import Figure
from matplotlib.offsetbox import AnnotationBbox, OffsetImage

from ...experiment.plots import image_sheet, plain, save_figure
from ..tasks.strategies import OtherClasses, RandomOutOfClass, Strategy, Varied
from ..tasks.stream import TaskShape
from ..tasks.synthetic import SyntheticSource

N_CLASSES = 3  # as in the figures; a plane goes through as many anchors
N_VECTORS = 8  # of a class, in the picture of the strategies
N_ON_AXES = 7
SIDE_ON_AXES = 26  # points
COLOURS = ["C0", "C1", "C2"]
LEGEND = (
    "The plane through three anchors (stars), each vector at the point nearest to it. "
    "On the axes: what the generator makes of the dotted lines"
)


@dataclass(frozen=True)
class Plane:
    """The plane through three anchors. origin: the first of them, (d,). axes: orthonormal, (2, d); the first leads to
    the second anchor."""

    origin: np.ndarray
    axes: np.ndarray

    @classmethod
    def through(cls, anchors: np.ndarray) -> Plane:
        """anchors: (3, d), d at least 2."""
        q, r = np.linalg.qr((anchors[1:] - anchors[0]).T)  # (d, 2), (2, 2)
        return cls(anchors[0], (q * np.where(np.diag(r) < 0, -1.0, 1.0)).T)

    def coordinates(self, latents: np.ndarray) -> np.ndarray:
        """(..., 2) of latents (..., d): where the nearest point of the plane lies."""
        return (latents - self.origin) @ self.axes.T

    def latents(self, points: np.ndarray) -> np.ndarray:
        """(n, d) of points (n, 2)."""
        return self.origin + points @ self.axes


def save_task_making(
    path: Path, source: SyntheticSource, k_shot: int, n_query: int, seed: int, inverted: bool = False
) -> None:
    """A task of three classes from left to right: anchors, with the images that they are of, what grows from them, and
    its images in train and validation set. A colour is a class."""
    plan = source.plan(TaskShape(N_CLASSES, k_shot, n_query), tf.constant([seed, 0]))
    images = source.render({name: value[None] for name, value in plan.items()})[0].numpy()  # (3, k + q, h, w, c)
    latents = plan["latents"].numpy()  # (3, k + q, d)
    sheets = {"train": images[:, :k_shot], "validation": images[:, k_shot:]}
    if source.read is not None:
        sheets = {"images": source.read(plan["first_shots"]).numpy()[:, None], **sheets}
    widths = [sheet.shape[1] for sheet in sheets.values()]
    place = len(sheets) - 2  # of the plane, before train and validation
    widths.insert(place, N_CLASSES)
    figure = Figure(figsize=(0.8 * sum(widths) + 0.4, 0.8 * N_CLASSES + 0.5), layout="constrained")
    axes = list(figure.subplots(1, len(widths), width_ratios=widths))
    _show_latents(axes.pop(place), Plane.through(latents[:, 0]), latents)
    for axis, (title, sheet) in zip(axes, sheets.items(), strict=True):
        axis.imshow(image_sheet(sheet, inverted, COLOURS))
        axis.set_title(title, fontsize=9)
        axis.set_axis_off()
    save_figure(figure, path)


def _show_latents(axis: Any, plane: Plane, latents: np.ndarray) -> None:
    for colour, vectors in zip(COLOURS, plane.coordinates(latents), strict=True):
        _grow(axis, colour, vectors[0], vectors[1:])
    axis.set_title("anchors, what grows from them", fontsize=9)
    axis.set_xticks([])
    axis.set_yticks([])
    axis.set_aspect("equal", adjustable="datalim")
    axis.margins(0.15)


def _grow(axis: Any, colour: str, anchor: np.ndarray, vectors: np.ndarray) -> None:
    """A star with lines to its points."""
    for vector in vectors:
        axis.plot(*np.stack([anchor, vector], axis=1), color=colour, linewidth=0.7)
    axis.plot(*vectors.T, "o", color=colour, markersize=4)
    axis.plot(*anchor, "*", color=colour, markersize=14, markeredgecolor="black", markeredgewidth=0.5)


def save_strategies(
    path: Path, source: SyntheticSource, strategies: dict[str, Strategy], seed: int, inverted: bool = False
) -> None:
    """What each strategy makes of the same three anchors, in the plane through them.

    The dotted lines, along which the axes show the generator's images, cross at the first anchor; the horizontal one
    goes through the second. Grey circles are the out-of-class vectors that RO goes towards.
    """
    drawn = source.anchors.sample(N_CLASSES, tf.constant([seed, 0]))
    anchors = tf.ensure_shape(source.anchors.latents(drawn), (N_CLASSES, source.generator.latent_dim))
    plane = Plane.through(anchors.numpy())
    corners, class_seed = plane.coordinates(anchors.numpy()), tf.constant([seed, 1])
    vectors = {
        title: plane.coordinates(strategy.in_class(anchors, N_VECTORS, source.anchors, class_seed).numpy())
        for title, strategy in strategies.items()
    }
    points = np.concatenate([corners, *(each.reshape(-1, 2) for each in vectors.values())])
    centre, reach = (points.min(axis=0) + points.max(axis=0)) / 2, 0.55 * np.ptp(points, axis=0).max()
    figure = Figure(figsize=(4.2 * len(strategies), 4.5), layout="constrained")
    for axis, (title, strategy) in zip(figure.subplots(1, len(strategies)), strategies.items(), strict=True):
        if isinstance(_of(strategy), OtherClasses):
            axis.plot(*corners[[0, 1, 2, 0]].T, color="0.7", linewidth=0.8)
        if isinstance(_of(strategy), RandomOutOfClass):
            ends = plane.coordinates(source.anchors.sample_out_of_class(anchors, N_VECTORS, class_seed).numpy())
            _show_ends(axis, corners, ends)
        for colour, anchor, grown in zip(COLOURS, corners, vectors[title], strict=True):
            _grow(axis, colour, anchor, grown)
        axis.set_title(plain(title), fontsize=10)
        axis.set(xlim=centre[0] + reach * np.array([-1, 1]), ylim=centre[1] + reach * np.array([-1, 1]), aspect="equal")
        _show_images_on_axes(axis, source, plane, centre, reach, inverted)
    figure.supxlabel(LEGEND, fontsize=9)
    save_figure(figure, path)


def _of(strategy: Strategy) -> Strategy:
    return strategy.strategy if isinstance(strategy, Varied) else strategy


def _show_ends(axis: Any, corners: np.ndarray, ends: np.ndarray) -> None:
    """ends: the out-of-class vectors of each anchor, (3, n, 2)."""
    for anchor, towards in zip(corners, ends, strict=True):
        for end in towards:
            axis.plot(*np.stack([anchor, end], axis=1), color="0.8", linewidth=0.5, zorder=0)
        axis.plot(*towards.T, "o", color="0.5", markerfacecolor="white", markersize=4, zorder=1)


def _show_images_on_axes(
    axis: Any, source: SyntheticSource, plane: Plane, centre: np.ndarray, reach: float, inverted: bool
) -> None:
    shares, nought = np.linspace(-0.85, 0.85, N_ON_AXES) * reach, np.zeros(N_ON_AXES)
    along = [np.stack([centre[0] + shares, nought], axis=1), np.stack([nought, centre[1] + shares], axis=1)]  # (n, 2)
    latents = plane.latents(np.concatenate(along)).astype(np.float32)
    images = np.clip(np.asarray(source.generator.generate(tf.constant(latents)), np.float32), 0.0, 1.0)
    places = [((x, 0.0), ("data", "axes fraction"), (0.5, 1.1)) for x in centre[0] + shares]
    places += [((0.0, y), ("axes fraction", "data"), (1.1, 0.5)) for y in centre[1] + shares]
    for image, (place, coordinates, alignment) in zip(images, places, strict=True):
        shown = OffsetImage(image_sheet(image[None, None], inverted), zoom=SIDE_ON_AXES / max(image.shape[:2]))
        box = AnnotationBbox(shown, place, xycoords=coordinates, box_alignment=alignment, frameon=False, pad=0.0)
        axis.add_artist(box)
    for draw in (axis.axhline, axis.axvline):
        draw(0.0, color="0.6", linewidth=0.8, linestyle=":", zorder=0)
    axis.set_xticks([])
    axis.set_yticks([])
