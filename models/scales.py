"""Sizes of networks that halve images of any size until little is left of them."""

from __future__ import annotations

import math

LEAST_SIDE = 4  # pixels, about, of the smallest maps


def halvings(height: int, width: int) -> int:
    """How often a map of the image's size is halved, at least once."""
    return max(1, round(math.log2(max(height, width) / LEAST_SIDE)))


def filters(scale: int) -> int:
    """Of the maps that were halved so often."""
    return min(32 << scale, 256)
