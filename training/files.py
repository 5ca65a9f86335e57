"""Files that appear whole or not at all, and files that were damaged."""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

PART = ".latentshot-part-"  # how the name of a file begins that is being written
DAY = 24 * 60 * 60  # seconds


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A neighbouring file to write, which takes the path's place at the end: a kill leaves the old file or the new one.

    It keeps the suffix, by which Keras recognizes its files. An error removes it, and the next writer in the folder
    what a kill left. Makes the folder. Raises OSError, which names the path, where it cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    sweep(path.parent)
    part = _part_of(path)
    try:
        yield part
        os.replace(part, path)
    except OSError as error:
        raise OSError(f"{path} cannot be written: {error}") from error
    finally:
        part.unlink(missing_ok=True)


def _part_of(path: Path) -> Path:
    return path.with_name(f"{PART}{platform.node()}-{os.getpid()}-{path.name}")


def check_writable(folder: Path) -> Path:
    """Where it exists the folder, else the nearest above it. Raises ValueError where nothing can be written there."""
    there = next(place for place in (folder.absolute(), *folder.absolute().parents) if os.path.lexists(place))
    if not there.is_dir():
        raise ValueError(f"{folder} cannot be written: {there} is no folder")
    if not os.access(there, os.W_OK | os.X_OK):
        raise ValueError(f"{folder} cannot be written: {there} is read-only for this user")
    return there


def check_file(file: Path) -> None:
    """Raises ValueError where no file of that name can be written."""
    check_writable(file.parent)
    if file.is_dir():
        raise ValueError(f"{file} is a folder: name a file")


def check_room(folder: Path, needed: float) -> None:
    """Raises ValueError where the folder cannot be written, or has room for less than so many bytes."""
    there = check_writable(folder)
    free = shutil.disk_usage(there).free
    if free < needed:
        raise ValueError(f"{folder} needs {needed / 1e6:.0f} MB, and {free / 1e6:.0f} MB are free there")


def is_part(path: Path) -> bool:
    """Is it a file that was never finished?"""
    return path.name.startswith(PART)


def sweep(folder: Path) -> None:
    """Removes the parts of processes that are gone; of other machines, whose processes are not seen, those of a day."""
    for part in folder.glob(f"{PART}*"):
        found = re.match(rf"{re.escape(PART + platform.node())}-(\d+)-", part.name)
        try:
            if not psutil.pid_exists(int(found[1])) if found else time.time() - part.stat().st_mtime > DAY:
                part.unlink()
        except OSError:
            continue  # another process swept it


def write_text(path: Path, text: str) -> None:
    with whole_file(path) as part:
        part.write_text(text, encoding="utf-8")


def write_json(path: Path, value: Any) -> None:
    """Paths are written as text."""
    write_text(path, json.dumps(value, indent=2, default=os.fspath) + "\n")


def copy_whole(source: Path, target: Path) -> None:
    with whole_file(target) as part:
        shutil.copyfile(source, part)


def copy_folder(source: Path, target: Path) -> None:
    """A copy of a folder where there is none. It appears whole or not at all."""
    part = _part_of(target)
    try:
        shutil.copytree(source, part)
        part.rename(target)
    except OSError as error:
        raise OSError(f"{target} cannot be written: {error}") from error
    finally:
        shutil.rmtree(part, ignore_errors=True)


def read_json(path: Path, is_right: Callable[[Any], bool], remedy: str) -> Any:
    """The value in the file. Raises ValueError, with the remedy, for what is no JSON or not of the right form."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ValueError(f"{path} cannot be read ({error}): {remedy}") from error
    if not is_right(value):
        raise ValueError(f"{path} is damaged, for it does not hold what was written there: {remedy}")
    return value
