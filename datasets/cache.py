"""Arrays that are slow to make are made once and kept under the user's cache folder."""

from __future__ import annotations

import os
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np


def cache_folder() -> Path:
    """`$LATENTSHOT_CACHE`, or `latentshot` under `$XDG_CACHE_HOME` (by default `~/.cache`)."""
    chosen = os.environ.get("LATENTSHOT_CACHE")
    if chosen:
        return Path(chosen)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "latentshot"


def cached_arrays(file_name: str, make: Callable[[], dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
    """The arrays of `make()`, read from the cache's `file_name` where an earlier call left them.

    The file appears whole or not at all; one that cannot be read is named and made again.
    """
    path = cache_folder() / file_name
    if path.exists():
        try:
            with path.open("rb") as file, np.load(file) as stored:
                return dict(stored)
        except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile) as error:
            print(f"{path} cannot be read ({error}); making it again", file=sys.stderr)
    arrays = make()
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    with part.open("wb") as unfinished:
        np.savez(unfinished, **arrays)  # type: ignore[arg-type]
    os.replace(part, path)
    return arrays
