"""Checksums of files that have none of their own, in the form of `sha256sum`: a damaged file is told, not used."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from .files import write_text

NAME = "SHA256SUMS"


def sha256(file: Path) -> str:
    digest = hashlib.sha256()
    with file.open("rb") as opened:
        while part := opened.read(2**20):
            digest.update(part)
    return digest.hexdigest()


def folder_digest(folder: Path) -> str:
    """Sixteen digits of every file of the folder, by name and content."""
    digest = hashlib.sha256()
    for file in sorted(file for file in folder.rglob("*") if file.is_file()):
        digest.update(f"{sha256(file)}  {file.relative_to(folder).as_posix()}\n".encode())
    return digest.hexdigest()[:16]


def write_checksums(folder: Path, files: Iterable[Path] | None = None) -> None:
    """Lists files of the folder, by default all of them at any depth, in `folder/SHA256SUMS`."""
    every = [file for file in folder.rglob("*") if file.is_file() and file.name != NAME]
    chosen = sorted(every if files is None else files)
    write_text(folder / NAME, "".join(f"{sha256(file)}  {file.relative_to(folder).as_posix()}\n" for file in chosen))


def check_files(folder: Path, remedy: str) -> None:
    """Raises ValueError for the first file that is not as `write_checksums` saw it; without its list for none."""
    if not (folder / NAME).exists():
        return
    lines = (folder / NAME).read_text(encoding="utf-8", errors="replace").splitlines()
    for line in lines:
        digest, _, name = line.partition("  ")
        file = folder / name
        if not name or not file.is_file() or sha256(file) != digest:
            raise ValueError(f"{file if name else folder} is damaged: it is not as {folder / NAME} says; {remedy}")
    if not lines:
        raise ValueError(f"{folder / NAME} is damaged: it is empty; {remedy}")
