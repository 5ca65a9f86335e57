"""Arrays that are slow to make are made once and kept under the user's cache folder."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np

from ..training.files import copy_whole, whole_file

_NAME = "cached_as"  # the array by which a file is known for what it is


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
                arrays = dict(stored)
            if str(arrays.pop(_NAME)) == file_name:
                return arrays
            raise ValueError("it holds something else")
        except Exception as error:  # numpy and zipfile raise many kinds for a damaged file
            print(f"{path} cannot be read ({error}); making it again", file=sys.stderr)
    arrays = make()
    try:
        with whole_file(path) as part, part.open("wb") as unfinished:
            np.savez(unfinished, **arrays, **{_NAME: np.array(file_name)})  # type: ignore[arg-type]
    except OSError as error:
        print(f"{error}. It will be made again when it is needed", file=sys.stderr)
    return arrays


def copy_to_cache(file: Path, cached: Path) -> None:
    """Copies what a run has made. A cache that cannot be written is told, and the run goes on."""
    try:
        copy_whole(file, cached)
    except OSError as error:
        print(f"{error}. It will be made again where it is needed", file=sys.stderr)
