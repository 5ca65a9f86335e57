"""Drawings as the images that a learner of letters was trained on: as large, as central, and by as thick a pen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from ..estimators.images import ImageShape

MOST_POINTS = 20_000  # of a drawing
FARTHEST = 10_000  # of a point from the corner; the sheet goes to 1000, and a hand may leave it
FINE = 8  # a drawing is made so many times larger first, for soft edges


@dataclass(frozen=True)
class Hand:
    """How letters lie in the images: the longer side of their ink and the pen's width, as shares of its side."""

    extent: float
    pen: float


# Means over 1,500 training images of each: of the box around the pixels above 0.25, and of twice the distance from the
# middle of a stroke to its edge.
HANDS = {
    "glyphs": Hand(0.76, 0.11),
    "letters": Hand(0.78, 0.12),
    "omniglot": Hand(0.65, 0.05),
    "digits": Hand(1.0, 0.20),
}
ANY_HAND = Hand(0.7, 0.08)

Strokes = list[np.ndarray]


def as_strokes(drawing: Any) -> Strokes:
    """A drawing as the browser sends it, a list of strokes of [x, y]: arrays (n, 2), x to the right and y downwards.

    Raises ValueError for what is no drawing, and for more than MOST_POINTS points.
    """
    try:
        strokes = [np.asarray(stroke, np.float64) for stroke in drawing or ()]
    except (TypeError, ValueError) as error:
        raise ValueError("this is no drawing: a list of strokes, each of points [x, y]") from error
    if any(s.ndim != 2 or s.shape[1:] != (2,) or not (np.abs(s) <= FARTHEST).all() for s in strokes):
        raise ValueError("this is no drawing: a list of strokes, each of points [x, y]")
    if sum(map(len, strokes)) > MOST_POINTS:
        raise ValueError(f"the drawing has more than {MOST_POINTS:,} points: clear it, and draw it with fewer strokes")
    return strokes


def drawn(strokes: Strokes, shape: ImageShape, hand: Hand) -> np.ndarray:
    """The strokes as an image, uint8 of the shape, ink 255 on 0: the box around the ink is in the middle.

    Whatever size it was drawn in, and however fast, the ink's longer side and the pen are the hand's. A drawing of
    one point is a dot. Raises ValueError where there is none.
    """
    if not any(len(stroke) for stroke in strokes):
        raise ValueError("there is nothing drawn")
    height, width, _ = shape
    side = min(height, width)
    points = np.concatenate(strokes)
    low, high = points.min(axis=0), points.max(axis=0)
    longer = float((high - low).max())
    scale = (hand.extent - hand.pen) * side / longer if longer else 0.0
    middle = np.array([width, height]) / 2
    return rendered([middle + scale * (stroke - (low + high) / 2) for stroke in strokes], shape, hand.pen * side)


def rendered(strokes: Strokes, shape: ImageShape, pen: float) -> np.ndarray:
    """The strokes as they are, with points and pen in pixels: uint8 of the shape, ink 255 on 0."""
    height, width, channels = shape
    paper = Image.new("L", (FINE * width, FINE * height))
    pencil = ImageDraw.Draw(paper)
    radius = FINE * pen / 2
    for stroke in strokes:
        line = FINE * stroke  # pixel i of Pillow's reaches from i to i + 1
        pencil.line([(x - 0.5, y - 0.5) for x, y in line], fill=255, width=max(1, round(2 * radius)))
        for x, y in line:  # round ends and corners
            pencil.ellipse((x - radius, y - radius, x + radius - 1, y + radius - 1), fill=255)
    image = np.asarray(paper.resize((width, height), Image.Resampling.BOX))
    return np.repeat(image[..., None], channels, axis=-1)


def centred(picture: Image.Image, shape: ImageShape, hand: Hand) -> np.ndarray:
    """A picture of one letter as an image, uint8 of the shape, ink 255 on 0, as large and as central as the hand's.

    Ink is what differs most from the paper, whose grey is the commonest; it may be darker or lighter than that.
    Raises ValueError for a picture of one grey.
    """
    height, width, channels = shape
    grey = np.asarray(picture.convert("L"), np.float32)
    ink = np.abs(grey - np.bincount(grey.astype(np.uint8).ravel(), minlength=256).argmax())
    if ink.max() < 8:
        raise ValueError("there is nothing drawn in it, for all of it is of one grey")
    ink /= ink.max()
    rows, columns = (np.flatnonzero((ink > 0.25).any(axis=axis)) for axis in (1, 0))
    box = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    scale = hand.extent * min(height, width) / max(box.shape)
    size = [max(1, round(scale * n)) for n in box.shape]
    scaled = Image.fromarray(np.round(255 * box).astype(np.uint8)).resize((size[1], size[0]), Image.Resampling.BOX)
    image = np.zeros((height, width), np.uint8)
    top, left = (height - size[0]) // 2, (width - size[1]) // 2
    image[top : top + size[0], left : left + size[1]] = np.asarray(scaled)
    return np.repeat(image[..., None], channels, axis=-1)
