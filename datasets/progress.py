"""The progress bar of reading and drawing."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any

from tqdm import tqdm


def with_progress(items: Iterable, description: str, total: int | None = None) -> Any:
    """The items under a tqdm bar, which prints every ten seconds at most where the output is no terminal."""
    return tqdm(items, description, total, mininterval=0.1 if sys.stderr.isatty() else 10.0)
