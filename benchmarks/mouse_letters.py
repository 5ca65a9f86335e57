"""Letters as someone draws them by mouse, written here stroke by stroke and taken from no font.

24 are of scripts that no learner of `glyphs` trains on, Greek and Hebrew; 24 are Latin capitals, which it saw in fonts.
Each drawing has another size, place, slant, turn and stretch. The hand overshoots and wavers, and the mouse reports its
place at even times, so that points lie far apart where the hand is fast.
"""

from __future__ import annotations

import numpy as np

Path = list[tuple[float, float]]


def arc(x: float, y: float, width: float, height: float, first: float, last: float) -> Path:
    """Part of an ellipse about (x, y), from one angle to another in degrees, clockwise on the screen from the right."""
    angles = np.radians(np.linspace(first, last, 24))
    return [(x + width * np.cos(a), y + height * np.sin(a)) for a in angles]


# x to the right and y downwards, from 0 to 1
NEW: dict[str, list[Path]] = {
    "Γ": [[(0.15, 1), (0.15, 0), (0.85, 0)]],
    "Δ": [[(0, 1), (0.5, 0), (1, 1), (0, 1)]],
    "Θ": [arc(0.5, 0.5, 0.48, 0.5, -90, 280), [(0.25, 0.5), (0.75, 0.5)]],
    "Λ": [[(0, 1), (0.5, 0), (1, 1)]],
    "Ξ": [[(0.05, 0), (0.95, 0)], [(0.2, 0.5), (0.8, 0.5)], [(0.05, 1), (0.95, 1)]],
    "Π": [[(0.1, 1), (0.1, 0), (0.9, 0), (0.9, 1)]],
    "Σ": [[(0.9, 0.05), (0.1, 0), (0.55, 0.5), (0.1, 1), (0.95, 0.95)]],
    "Φ": [[(0.5, 0), (0.5, 1)], arc(0.5, 0.5, 0.45, 0.28, -90, 280)],
    "Ψ": [[(0.5, 0), (0.5, 1)], [(0.05, 0.05), (0.1, 0.3), *arc(0.5, 0.3, 0.4, 0.33, 180, 0), (0.95, 0.05)]],
    "Ω": [[(0.05, 1), (0.35, 1), *arc(0.5, 0.42, 0.42, 0.42, 130, 410), (0.65, 1), (0.95, 1)]],
    "α": [[(0.95, 0.1), (0.7, 0.75), *arc(0.38, 0.55, 0.32, 0.38, 50, 310), (0.75, 0.8), (1, 0.95)]],
    "β": [[(0.15, 1.1), (0.15, 0.25), *arc(0.45, 0.22, 0.3, 0.22, 180, 430), (0.35, 0.45),
           *arc(0.42, 0.67, 0.42, 0.24, -80, 120), (0.15, 0.85)]],
    "γ": [[(0, 0.05), (0.2, 0), (0.5, 0.6), (0.55, 0.85), (0.45, 1), (0.4, 0.85), (0.95, 0)]],
    "δ": [[(0.85, 0.1), (0.5, 0), (0.3, 0.12), (0.75, 0.5), *arc(0.5, 0.7, 0.35, 0.3, -20, 320)]],
    "ε": [[*arc(0.5, 0.25, 0.38, 0.25, -30, -260), *arc(0.5, 0.74, 0.42, 0.26, -100, -320)]],
    "λ": [[(0.1, 0), (0.3, 0.05), (0.9, 1)], [(0.5, 0.4), (0.1, 1)]],
    "μ": [[(0.1, 1.2), (0.15, 0), (0.15, 0.6), *arc(0.45, 0.6, 0.3, 0.25, 180, 0), (0.75, 0), (0.8, 0.75), (0.9, 0.8)]],
    "ω": [[*arc(0.27, 0.55, 0.25, 0.45, -110, -360), *arc(0.75, 0.55, 0.24, 0.45, 180, -70)]],
    "ב": [[(0.1, 0.05), (0.6, 0), (0.85, 0.2), (0.85, 0.95)], [(0.05, 1), (1, 1)]],
    "ה": [[(0.05, 0), (0.95, 0), (0.95, 1)], [(0.15, 0.4), (0.15, 1)]],
    "ט": [[(0.35, 0.2), (0.1, 0), (0.05, 0.6), (0.2, 0.95), (0.8, 0.95), (0.95, 0.5), (0.85, 0.05), (0.6, 0.2)]],
    "ל": [[(0.2, 0), (0.2, 0.4), (0.85, 0.4), (0.75, 0.7), (0.35, 1)]],
    "ש": [[(0, 0), (0.15, 0.95), (0.85, 0.95), (1, 0)], [(0.5, 0), (0.45, 0.55), (0.15, 0.7)]],
    "ת": [[(0.05, 0.05), (0.85, 0), (0.95, 0.25), (0.95, 1)], [(0.3, 0.05), (0.3, 0.85), (0.05, 1)]],
}  # fmt: skip
LATIN: dict[str, list[Path]] = {
    "A": [[(0, 1), (0.5, 0), (1, 1)], [(0.2, 0.62), (0.8, 0.62)]],
    "B": [[(0.1, 0), (0.1, 1)], [(0.1, 0), *arc(0.4, 0.24, 0.4, 0.24, -90, 90), (0.1, 0.48)],
          [(0.1, 0.48), *arc(0.4, 0.74, 0.48, 0.26, -90, 90), (0.1, 1)]],
    "C": [arc(0.55, 0.5, 0.5, 0.5, -45, -315)],
    "D": [[(0.1, 0), (0.1, 1)], [(0.1, 0), *arc(0.3, 0.5, 0.6, 0.5, -90, 90), (0.1, 1)]],
    "E": [[(0.9, 0), (0.1, 0), (0.1, 1), (0.9, 1)], [(0.1, 0.5), (0.75, 0.5)]],
    "F": [[(0.9, 0), (0.1, 0), (0.1, 1)], [(0.1, 0.48), (0.75, 0.48)]],
    "G": [[*arc(0.5, 0.5, 0.48, 0.5, -45, -360), (0.98, 0.55), (0.6, 0.55)]],
    "H": [[(0.1, 0), (0.1, 1)], [(0.9, 0), (0.9, 1)], [(0.1, 0.5), (0.9, 0.5)]],
    "J": [[(0.7, 0), (0.7, 0.75), *arc(0.4, 0.75, 0.3, 0.25, 0, 160)]],
    "K": [[(0.1, 0), (0.1, 1)], [(0.9, 0), (0.12, 0.55)], [(0.35, 0.4), (0.95, 1)]],
    "L": [[(0.1, 0), (0.1, 1), (0.85, 1)]],
    "M": [[(0, 1), (0.1, 0), (0.5, 0.7), (0.9, 0), (1, 1)]],
    "N": [[(0.1, 1), (0.1, 0), (0.9, 1), (0.9, 0)]],
    "O": [arc(0.5, 0.5, 0.48, 0.5, -90, 280)],
    "P": [[(0.1, 1), (0.1, 0)], [(0.1, 0), *arc(0.45, 0.26, 0.45, 0.26, -90, 90), (0.1, 0.52)]],
    "Q": [arc(0.5, 0.5, 0.48, 0.5, -90, 280), [(0.6, 0.65), (1, 1.05)]],
    "R": [[(0.1, 1), (0.1, 0)], [(0.1, 0), *arc(0.45, 0.25, 0.45, 0.25, -90, 90), (0.1, 0.5)], [(0.4, 0.5), (0.95, 1)]],
    "S": [[*arc(0.5, 0.25, 0.4, 0.25, -30, -270), *arc(0.5, 0.75, 0.42, 0.25, -90, 150)]],
    "T": [[(0, 0), (1, 0)], [(0.5, 0), (0.5, 1)]],
    "U": [[(0.1, 0), (0.1, 0.6), *arc(0.5, 0.6, 0.4, 0.4, 180, 0), (0.9, 0)]],
    "V": [[(0, 0), (0.5, 1), (1, 0)]],
    "W": [[(0, 0), (0.25, 1), (0.5, 0.3), (0.75, 1), (1, 0)]],
    "X": [[(0.05, 0), (0.95, 1)], [(0.95, 0), (0.05, 1)]],
    "Z": [[(0.05, 0), (0.95, 0), (0.05, 1), (0.95, 1)]],
}  # fmt: skip
STEP = 0.01  # of a path, in the letter's height: what the hand can waver over


def draw(letter: str, seed: int) -> list[list[list[int]]]:
    """A drawing on a sheet from 0 to 1000: a list of strokes, each a list of points [x, y], as the page sends it."""
    rng = np.random.default_rng([seed, ord(letter)])
    angle, slant = rng.normal(0, 0.08), rng.normal(0, 0.15)
    size = rng.uniform(350, 750) * np.exp(rng.normal(0, 0.12, 2))  # x and y
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    shape = turn @ np.array([[1, -slant], [0, 1]]) @ np.diag(size)
    middle = 500 + rng.uniform(-80, 80, 2)
    return [_hand((np.array(stroke) - 0.5) @ shape.T + middle, size.mean(), rng) for stroke in (NEW | LATIN)[letter]]


def _hand(corners: np.ndarray, size: float, rng: np.random.Generator) -> list[list[int]]:
    """One stroke: the path through the corners as a hand follows it and a mouse reports it."""
    along = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(corners, axis=0).T))])
    fine = np.linspace(0, along[-1], max(3, int(along[-1] / (STEP * size))))
    path = np.stack([np.interp(fine, along, corners[:, axis]) for axis in (0, 1)], axis=1)
    path += rng.normal(0, 0.025 * size, 2)  # strokes do not quite meet
    waver = _smooth(rng.normal(size=path.shape), width=12)
    path = _smooth(path, width=int(rng.integers(1, 8)), ends=True) + 0.02 * size * waver
    speed = np.exp(0.6 * _smooth(rng.normal(size=(len(path), 1)), width=20)[:, 0])  # 0.5 to 2 times the usual
    times = np.concatenate([[0], np.cumsum(1 / speed[1:])])
    reported = np.linspace(0, times[-1], max(4, int(times[-1] / rng.uniform(2, 7))))
    points = np.stack([np.interp(reported, times, path[:, axis]) for axis in (0, 1)], axis=1)
    return np.round(points + rng.normal(0, 0.004 * size, points.shape)).clip(0, 1000).astype(int).tolist()


def _smooth(values: np.ndarray, width: int, ends: bool = False) -> np.ndarray:
    """A moving mean; with ends these stay where they are, without it has unit variance again."""
    padded = np.pad(values, ((width, width), (0, 0)), mode="edge")
    kernel = np.ones(2 * width + 1) / (2 * width + 1)
    mean = np.stack([np.convolve(column, kernel, mode="valid") for column in padded.T], axis=1)
    if ends:
        mean[[0, -1]] = values[[0, -1]]
        return mean
    return mean * np.sqrt(2 * width + 1)
