"""Sides that convolutional networks can halve evenly, for images that are given none."""

from __future__ import annotations


def halving(height: int, width: int) -> tuple[int, int]:
    """The largest sides up to these that halve evenly until the smaller one is 4 to 7 pixels: 80x80 for 84x84.

    Generators double such maps (models/dcgan.py). Sides below 8 stay as they are.
    """
    n = max(min(height, width).bit_length() - 3, 0)
    return height >> n << n, width >> n << n
