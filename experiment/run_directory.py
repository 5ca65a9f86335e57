"""The folder of a run: its configuration, its checkpoints and its results."""

from __future__ import annotations

import json
import platform
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
from filelock import FileLock, Timeout

from ..training.files import check_writable, is_part, read_json, sweep, write_json
from .versions import commit, versions

PACKAGES = ("latentshot", "tensorflow", "keras", "tensorflow-datasets", "numpy", "matplotlib")
# Where things are and whether to go on, not what is computed.
PLACES = ("run_dir", "resume", "data_dir", "options_from")
NOT_COMPUTED = (*PLACES, "any_generator")  # and what lets a run go on that would be refused, and computes the same
MAY_CHANGE = (*NOT_COMPUTED, "tuned")  # of a resumed run; what was tuned has its fingerprint among the data

LOCK = ".lock"  # a file, which locks nothing by being there

SPLIT_FOLDERS = ("train", "test", "validation", "val", "valid")  # of images, as datasets/split_folders.py has them
ROWS = "rows"  # among the data: how many rows the results will have at least
_REMEDY = (
    "remove it, and repeat the run's command with --resume to measure again what it held (bin/train_glico.py trains "
    "its classifiers anew for it), and bin/evaluate.py for rows that it had added"
)

Row = dict[str, Any]


def names_of(folders: Iterable[Path]) -> dict[Path, str]:
    """By the real path of each folder its name, or all of the path where two have one name."""
    paths = {folder.resolve() for folder in folders}
    times = Counter(path.name for path in paths)
    return {path: path.name if times[path.name] == 1 else str(path) for path in paths}


class RunDirectory:
    """`config.json`, `results.json`, `task-scores.json`, `learner.weights.h5`, `calibration.json`, and the folders
    `checkpoints/`, `logs/`, `pictures/` and `export/`."""

    def __init__(self, path: Path):
        self.path = path
        self.config_file = path / "config.json"
        self.results_file = path / "results.json"
        self.partial_results_file = path / "results.partial.json"
        self.task_scores_file = path / "task-scores.json"
        self.learner_file = path / "learner.weights.h5"
        self.calibration_file = path / "calibration.json"
        self.checkpoints = path / "checkpoints"
        self.logs = path / "logs"
        self.pictures = path / "pictures"
        self.export = path / "export"

    def start(self, config: Row, resume: bool, data: dict[str, str] | None = None) -> None:
        """Makes the folder and writes config.json, or with `resume` checks that it is this run's, and writes where its
        data lies now.

        data: fingerprints of what the run learns from and is tested on, by name; and ROWS.
        Raises ValueError for a folder in use without `resume`, and for a changed configuration or other data with it.
        """
        self.check(config, resume)
        if self.config_file.exists():
            self.check_data(data or {})
            self._keep_place(config)
            return
        self.path.mkdir(parents=True, exist_ok=True)
        write_json(self.config_file, {"config": config, "data": data or {}, "versions": _versions()})

    @contextmanager
    def only_writer(self) -> Iterator[None]:
        """Makes the folder, and keeps other processes from writing in it until this one has left, or is dead.

        Raises ValueError where another process is writing.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        try:
            with FileLock(self.path / LOCK, timeout=0, is_singleton=True):
                sweep(self.path)
                yield
        except Timeout as error:
            raise ValueError(
                f"another process is writing {self.path}: wait until it has ended, or choose another --run-dir"
            ) from error

    def check(self, config: Row, resume: bool) -> None:
        """The errors of `start` and `only_writer`, and one for a run among the images that it would learn from.

        Nothing is written.
        """
        check_writable(self.path)
        self.check_apart(str(config.get("dataset", "")))
        if (self.path / LOCK).exists():
            with self.only_writer():
                pass
        if self.config_file.exists():
            if not resume:
                raise ValueError(
                    f"{self.path} holds a run already: continue it with --resume, or choose another --run-dir"
                )
            self._check_unchanged(config)
        elif self.path.exists() and any(not (is_part(file) or file.name == LOCK) for file in self.path.iterdir()):
            raise ValueError(f"{self.path} is not empty and holds no run: choose another --run-dir")

    def check_apart(self, dataset: str) -> None:
        """Raises ValueError where a later run on `folder:PATH` would take this one's pictures for images of the set."""
        kind, _, place = dataset.partition(":")
        if kind != "folder":
            return
        root, own = Path(place).expanduser(), self.path.resolve()
        splits = [root / name for name in SPLIT_FOLDERS] if (root / "train").is_dir() else [root]
        for images in (split.resolve() for split in splits):
            hidden = [part for part in own.parts[len(images.parts) :] if part.startswith(".")]  # which holds no images
            if own.is_relative_to(images) and not hidden:
                raise ValueError(f"{self.path} lies among the images of {root}: choose another --run-dir")

    def check_data(self, data: dict[str, str]) -> None:
        """Raises ValueError where one of the fingerprints is not that of the run's start."""
        before = self.data()
        changed = [
            f"{name} was {before[name]} and is {data[name]}"
            for name in sorted(before.keys() & data.keys())
            if before[name] != data[name]
        ]
        if changed:
            raise ValueError(
                f"{self.path} was started with other data ({'; '.join(changed)}): restore it, or choose another "
                "--run-dir"
            )

    def data(self) -> dict[str, str]:
        """The fingerprints of the run's start, by name."""
        return self._stored().get("data", {})

    def config(self) -> Row:
        """The configuration of the run. Raises ValueError where the folder holds none."""
        if not self.config_file.exists():
            raise ValueError(f"{self.path} holds no run: it has no config.json")
        return self._stored()["config"]

    def of_one_run(self) -> Row:
        """The configuration of the run. Raises ValueError where the folder holds none, or those of a table."""
        config = self.config()
        if config.keys() >= {"rows", "overrides"}:
            raise ValueError(f"{self.path} is of bin/reproduce.py: its runs are the folders in it")
        return config

    def versions(self) -> Row:
        """The commit and the libraries that the run was started with."""
        return self._stored()["versions"]

    @property
    def is_finished(self) -> bool:
        return self.results_file.exists()

    def results(self) -> list[Row]:
        """The rows of results.json; none before the run has finished. Raises ValueError where they are damaged."""
        rows = _read_rows(self.results_file, ("method", "dataset", "options", "paper", "seconds"))
        if self.is_finished and len(rows) < int(self.data().get(ROWS, 0)):
            raise ValueError(f"{self.results_file} is damaged, for rows are missing: {_REMEDY}")
        return rows

    def partial_results(self) -> list[Row]:
        """The rows of a run whose evaluation has not finished."""
        return _read_rows(self.partial_results_file, ("method", "seconds"))

    def finished_results(self) -> list[Row]:
        """The rows of results.json. Raises ValueError where the run has not finished, or there is none."""
        self.of_one_run()
        if not self.is_finished:
            others = "unless it trained a generator alone, or is a search of bin/tune.py, whose outcome is best.json"
            raise ValueError(f"{self.path} has not finished: repeat its command with --resume, {others}")
        return self.results()

    def write_partial_results(self, rows: list[Row]) -> None:
        write_json(self.partial_results_file, rows)

    def write_results(self, rows: list[Row]) -> None:
        """Marks the run as finished."""
        write_json(self.results_file, rows)
        self.partial_results_file.unlink(missing_ok=True)

    def _stored(self) -> dict[str, Row]:
        remedy = "the run cannot go on without it; restore it, or choose another --run-dir"
        return read_json(self.config_file, _is_config, remedy)

    def _keep_place(self, config: Row) -> None:
        """What reads the run's configuration later looks for the data where it was found last."""
        stored = self._stored()
        places = {name: config[name] and str(config[name]) for name in ("data_dir", "dataset") if name in config}
        if stored["config"].items() >= places.items():
            return
        write_json(self.config_file, {**stored, "config": {**stored["config"], **places}})

    def _check_unchanged(self, config: Row) -> None:
        before = self.config()
        now = json.loads(json.dumps(config, default=str))
        changed = [
            f"{name} was {before.get(name)!r} and is {now.get(name)!r}"
            for name in sorted(before.keys() | now.keys())
            if name not in MAY_CHANGE and _without_place(before.get(name)) != _without_place(now.get(name))
        ]
        if changed:
            raise ValueError(
                f"{self.path} was started with another configuration: {'; '.join(changed)}. "
                "Resume with the one it was started with, or choose another --run-dir"
            )


def _without_place(value: Any) -> Any:
    """Of a folder of images its name: it may lie elsewhere now, and its images are known by their fingerprints."""
    is_folder = isinstance(value, str) and value.startswith("folder:")
    return f"folder:{Path(value[len('folder:') :]).expanduser().resolve().name}" if is_folder else value


def _read_rows(file: Path, columns: tuple[str, ...]) -> list[Row]:
    """None where there is no file. columns: that each row has at least, whatever the method."""

    def are_rows(value: Any) -> bool:
        return isinstance(value, list) and all(isinstance(row, dict) and row.keys() >= set(columns) for row in value)

    return read_json(file, are_rows, _REMEDY) if file.exists() else []


def _is_config(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(value.get(part), dict) for part in ("config", "versions"))


def _versions() -> Row:
    machine = f"{psutil.cpu_count()} x {platform.processor() or platform.machine()}"
    found = {"python": platform.python_version(), "machine": machine, "commit": commit()}
    return found | versions(PACKAGES)
