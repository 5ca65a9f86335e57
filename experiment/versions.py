"""What is installed, and of which commit, for the records of runs and benchmarks."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path


def versions(packages: Sequence[str]) -> dict[str, str]:
    """The version of each, or `not installed`."""
    return {package: _version(package) for package in packages}


def commit() -> str:
    """The commit of a checkout, with -dirty where files differ from it; empty for an installed wheel, whatever
    repository it lies in."""
    root = Path(__file__).resolve().parents[1]
    try:
        if Path(_git(root, "rev-parse", "--show-toplevel")) != root:
            return ""
        return _git(root, "describe", "--always", "--dirty", "--abbrev=10")
    except OSError:
        return ""


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def _git(folder: Path, *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True).stdout.strip()
