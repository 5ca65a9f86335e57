"""Glyphs: letters of many scripts, drawn from the fonts that matplotlib ships. Needs no network.

It poses Omniglot's problem: several hundred classes of 20 drawings, tested on scripts that were never trained on.
Each drawing of a letter has another slant, pen width and smooth warp, and goes through the fonts and weights that have
the letter: 16 for Greek, 12 for Latin, 4 for Hebrew, 2 for Tifinagh. The fonts are DejaVu
(https://dejavu-fonts.github.io) and STIX (https://www.stixfonts.org), both free to use.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.font_manager import FontProperties
from matplotlib.ft2font import FT2Font
from matplotlib.path import Path as Outline
from matplotlib.textpath import TextPath
from matplotlib.transforms import IdentityTransform

from .cache import cached_arrays
from .dataset import Dataset, split_by_class
from .progress import with_progress

IMAGE_SIZE = 28
DRAWINGS_PER_CLASS = 20
SCRIPTS = {
    "train": ("LATIN", "CYRILLIC", "CANADIAN", "ARABIC", "LAO", "NKO", "LISU", "OGHAM", "OLD"),
    "validation": ("ARMENIAN",),
    "test": ("GREEK", "HEBREW", "GEORGIAN", "TIFINAGH"),
}
FONTS = [f"DejaVuSans{style}" for style in ("", "-Bold", "-Oblique", "-BoldOblique")]
FONTS += [f"DejaVuSerif{style}" for style in ("", "-Bold", "-Italic", "-BoldItalic")]
FONTS += [f"DejaVuSansMono{style}" for style in ("", "-Bold", "-Oblique", "-BoldOblique")]
FONTS += [f"STIXGeneral{style}" for style in ("", "Bol", "Italic", "BolIta")]


def glyphs(seed: int = 0) -> Dataset:
    """28x28x1, ink is 1, more than 600 classes of 20 drawings; a script is in one split only.

    seed: of the drawings; the same seed gives the same bytes under the same matplotlib.
    The first call takes about half a minute, later ones read its cache.
    """
    file_name = f"glyphs-{IMAGE_SIZE}-seed{seed}-matplotlib{matplotlib.__version__}.npz"
    arrays = cached_arrays(file_name, lambda: _draw_all(seed))
    names = [str(name) for name in arrays["class_names"]]
    classes_of = {
        split: [i for i, name in enumerate(names) if name.split()[0] in scripts] for split, scripts in SCRIPTS.items()
    }
    dataset = split_by_class("glyphs", arrays["images"], arrays["labels"], names, classes_of)
    return replace(dataset, inverted=True)


def draw_letters(letters: list[int], n: int, seed: int) -> np.ndarray:
    """n drawings of each letter, given by its code point: uint8, (len(letters) n, 28, 28, 1), letter by letter.

    Drawing i of a letter is the same however many there are.
    """
    letters_of = {name: set(FT2Font(str(path)).get_charmap()) for name, path in _font_files().items()}
    renderer = RendererAgg(IMAGE_SIZE, IMAGE_SIZE, dpi=72)
    images = []
    for code in with_progress(letters, "drawing glyphs", len(letters)):
        paths = [path for name, path in _font_files().items() if code in letters_of[name]]
        outlines = [_normalized(TextPath((0, 0), chr(code), size=100, prop=FontProperties(fname=p))) for p in paths]
        for drawing in range(n):
            rng = np.random.default_rng([seed, code, drawing])
            # all fonts of the letter are used in turn
            outline = outlines[(drawing + code) % len(outlines)]
            images.append(_draw(renderer, outline, rng))
    return np.stack(images)


def _draw_all(seed: int) -> dict[str, np.ndarray]:
    letters = list(_letters(set(FT2Font(str(_font_files()["DejaVuSans"])).get_charmap())))
    return {
        "images": draw_letters(letters, DRAWINGS_PER_CLASS, seed),
        "labels": np.repeat(np.arange(len(letters), dtype=np.int32), DRAWINGS_PER_CLASS),
        "class_names": np.array([unicodedata.name(chr(code)) for code in letters]),
    }


def _font_files() -> dict[str, Path]:
    return {name: Path(matplotlib.get_data_path(), "fonts", "ttf", f"{name}.ttf") for name in FONTS}


def _letters(available: set[int]) -> Iterator[int]:
    """Code points of the scripts' plain letters, without those that look the same as an earlier one."""
    scripts = {script for group in SCRIPTS.values() for script in group}
    font = FontProperties(fname=_font_files()["DejaVuSans"])
    seen = set()
    for code in sorted(available):
        letter = chr(code)
        plain = unicodedata.category(letter) in ("Lu", "Ll", "Lo") and not unicodedata.decomposition(letter)
        if not plain or unicodedata.name(letter).split()[0] not in scripts:
            continue
        outline = _normalized(TextPath((0, 0), letter, size=100, prop=font))
        shape = np.asarray(outline.vertices).round(2).tobytes()
        if shape not in seen:  # Greek and Cyrillic capital A are the Latin one's outline
            seen.add(shape)
            yield code


def _normalized(outline: Outline) -> Outline:
    """The outline as short straight pieces, its centre at 0 and its longer side from -0.5 to 0.5."""
    polygons = [np.asarray(polygon) for polygon in outline.to_polygons()]
    every = np.concatenate(polygons)
    low, high = every.min(axis=0), every.max(axis=0)
    size = (high - low).max()
    pieces = [_subdivided((polygon - (low + high) / 2) / size) for polygon in polygons]
    return Outline.make_compound_path(*[Outline(piece, closed=True) for piece in pieces])


def _subdivided(polygon: np.ndarray, longest: float = 0.05) -> np.ndarray:
    """The closed polygon with points put in until no side is longer, so that straight strokes bend under a warp."""
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(polygon, axis=0).T))])  # length up to each point
    between = np.linspace(0.0, along[-1], int(np.ceil(along[-1] / longest)) + 1)
    every = np.union1d(along, between)
    return np.stack([np.interp(every, along, polygon[:, axis]) for axis in (0, 1)], axis=1)


def _draw(renderer: RendererAgg, outline: Outline, rng: np.random.Generator) -> np.ndarray:
    """One drawing of a letter: uint8 of shape (28, 28, 1)."""
    height = IMAGE_SIZE * rng.uniform(0.6, 0.8)
    centre = IMAGE_SIZE / 2 + rng.uniform(-1.5, 1.5, size=2)
    vertices = centre + height * _warp(np.asarray(outline.vertices), rng)
    pen = rng.uniform(-0.8, 1.2)  # pixels: below 0 the pen is thinner than the font's, above 0 thicker
    ink, paper = (1.0, 1.0, 1.0), (0.0, 0.0, 0.0)
    context = renderer.new_gc()
    context.set_linewidth(abs(pen))
    context.set_foreground(ink if pen > 0 else paper)
    renderer.clear()
    renderer.draw_path(context, Outline(vertices, outline.codes), IdentityTransform(), ink)
    pixels = np.asarray(renderer.buffer_rgba())  # (28, 28, 4), on transparent paper
    return (pixels[..., :1].astype(np.uint16) * pixels[..., 3:] // 255).astype(np.uint8)


def _warp(points: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A random slant, rotation and stretch, then a smooth displacement by three long waves; shape (n, 2)."""
    angle, slant = rng.normal(0.0, 0.12), rng.normal(0.0, 0.2)
    stretch = np.exp(rng.normal(0.0, 0.12, size=2))
    rotation = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    points = points @ (rotation @ np.array([[1.0, slant], [0.0, 1.0]]) @ np.diag(stretch)).T
    for _ in range(3):
        wave_vector = rng.normal(0.0, 3.5, size=2)  # radians per letter height
        amplitude = rng.normal(0.0, 0.035, size=2)
        points = points + amplitude * np.sin(points @ wave_vector + rng.uniform(0.0, 2 * np.pi))[:, None]
    return points
