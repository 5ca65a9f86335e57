"""The folder of a run: its configuration, its checkpoints and its results."""

from __future__ import annotations

import json
import platform
import subprocess
from pathlib import Path
from typing import Any

from ..training.files import write_json
from .versions import versions

PACKAGES = ("latentshot", "tensorflow", "keras", "tensorflow-datasets", "numpy", "matplotlib")
# A resumed run may change these: they say where things are and whether to go on, not what is computed.
PLACES = ("run_dir", "resume", "data_dir", "any_generator")

Row = dict[str, Any]


class RunDirectory:
    """`config.json`, `results.json`, `checkpoints/`, `logs/`, `pictures/`, `export/`."""

    def __init__(self, path: Path):
        self.path = path
        self.config_file = path / "config.json"
        self.results_file = path / "results.json"
        self.partial_results_file = path / "results.partial.json"
        self.checkpoints = path / "checkpoints"
        self.logs = path / "logs"
        self.pictures = path / "pictures"
        self.export = path / "export"

    def start(self, config: Row, resume: bool) -> None:
        """Makes the folder and writes config.json, or with `resume` checks that it is this run's.

        Raises ValueError for a folder in use without `resume`, and for a changed configuration with it.
        """
        self.check(config, resume)
        if not self.config_file.exists():
            self.path.mkdir(parents=True, exist_ok=True)
            write_json(
                self.config_file, {"config": json.loads(json.dumps(config, default=str)), "versions": _versions()}
            )

    def check(self, config: Row, resume: bool) -> None:
        """The errors of `start`, with nothing written."""
        if self.config_file.exists():
            if not resume:
                raise ValueError(
                    f"{self.path} holds a run already: continue it with --resume, or choose another --run-dir"
                )
            self._check_unchanged(config)
        elif self.path.exists() and any(file.suffix != ".part" for file in self.path.iterdir()):
            raise ValueError(f"{self.path} is not empty and holds no run: choose another --run-dir")

    def config(self) -> Row:
        """The configuration of the run. Raises ValueError where the folder holds none."""
        if not self.config_file.exists():
            raise ValueError(f"{self.path} holds no run: it has no config.json")
        return json.loads(self.config_file.read_text(encoding="utf-8"))["config"]

    def versions(self) -> Row:
        """The commit and the libraries that the run was started with."""
        return json.loads(self.config_file.read_text(encoding="utf-8"))["versions"]

    @property
    def is_finished(self) -> bool:
        return self.results_file.exists()

    def results(self) -> list[Row]:
        """The rows of results.json; none before the run has finished."""
        return _read_rows(self.results_file)

    def partial_results(self) -> list[Row]:
        """The rows of a run whose evaluation has not finished."""
        return _read_rows(self.partial_results_file)

    def finished_results(self) -> list[Row]:
        """The rows of results.json. Raises ValueError where the run has not finished, or there is none."""
        self.config()
        if not self.is_finished:
            raise ValueError(
                f"{self.path} has not finished, or trained a generator alone: repeat its command with --resume"
            )
        return self.results()

    def write_partial_results(self, rows: list[Row]) -> None:
        write_json(self.partial_results_file, rows)

    def write_results(self, rows: list[Row]) -> None:
        """Marks the run as finished."""
        write_json(self.results_file, rows)
        self.partial_results_file.unlink(missing_ok=True)

    def _check_unchanged(self, config: Row) -> None:
        before = self.config()
        now = json.loads(json.dumps(config, default=str))
        changed = [
            f"{name} was {before.get(name)!r} and is {now.get(name)!r}"
            for name in sorted(before.keys() | now.keys())
            if name not in PLACES and before.get(name) != now.get(name)
        ]
        if changed:
            raise ValueError(
                f"{self.path} was started with another configuration: {'; '.join(changed)}. "
                "Resume with the one it was started with, or choose another --run-dir"
            )


def _read_rows(file: Path) -> list[Row]:
    return json.loads(file.read_text(encoding="utf-8")) if file.exists() else []


def _versions() -> Row:
    found = {"python": platform.python_version(), "machine": platform.machine(), "commit": _commit()}
    return found | versions(PACKAGES)


def _commit() -> str:
    """The commit of a checkout, with -dirty where files differ from it; empty for an installed wheel."""
    command = ["git", "describe", "--always", "--dirty", "--abbrev=10"]
    try:
        return subprocess.run(command, cwd=Path(__file__).parent, capture_output=True, text=True).stdout.strip()
    except OSError:
        return ""
