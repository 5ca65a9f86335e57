"""Runs the rows of a recipe, each by its own command, and writes the table beside the paper's figures."""

from __future__ import annotations

import math
import shlex
import shutil
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..training.files import write_json, write_text
from . import paired_samples
from .children import run_child
from .paired import Contender, paired_table
from .recipe import Options, Recipe, Row
from .reproduction_picture import save_reproduction
from .reproduction_table import Outcome, of_first_method, reproduction_table
from .result_tables import Table, as_csv, as_markdown
from .row_overrides import fitting
from .run_directory import RunDirectory

ROOT = Path(__file__).resolve().parent.parent
# options by which a figure is of other images or of another task, and what a row has that names none
_PROBLEM = {"dataset": None, "split": "test", "n_way": 5, "samples_per_class": None}
_METHOD = ("compare", "learner", "tasks", "strategy", "weak_classifier")  # what a row may be named by


@dataclass(frozen=True)
class Reproduction:
    """Rows of a recipe and how they are run.

    overrides: options in place of the recipe's, such as fewer iterations. places: where the data lies.
    seeds: runs of each row; GLICO's command takes their number itself. against: the row that the others are compared
    with, on the same tasks or samples; None for the best.
    """

    recipe: Recipe
    rows: tuple[Row, ...]
    overrides: Options
    places: Options
    seeds: int
    against: Row | None = None

    @property
    def identity(self) -> Options:
        """What must not change when it is resumed."""
        rows = [row.slug for row in self.rows]
        return {"recipe": self.recipe.name, "rows": rows, "seeds": self.seeds, "overrides": self.overrides}

    def carry_out(self, directory: RunDirectory) -> bool:
        """Runs what has not finished, and writes table.json, .md, .csv and .png. Returns whether no run failed."""
        outcomes = [
            Outcome(row, self._typed(self.options(row)), other_problem=" ".join(arguments_of(self.other_problem(row))))
            for row in self.rows
        ]
        failed = False
        for outcome in outcomes:
            for options, run in self._runs(outcome.row, directory.path):
                problem = _of_another_recipe(run, options) if run.is_finished else self._run(outcome.row, options, run)
                outcome.problem = outcome.problem or problem
                failed |= bool(problem)
                outcome.runs += [run] * (run.is_finished and not problem)
            self._copy_pictures(outcome, directory)
            self._write(directory, outcomes)
        return not failed

    def options(self, row: Row) -> Options:
        """Of the row's command."""
        k_shot = tuple(column.where["k_shot"] for column in self.recipe.columns if "k_shot" in column.where)
        options = {**self.recipe.row_options(row), **({"k_shot": k_shot} if k_shot else {})}
        changed = fitting(self.overrides, options)
        trains_nothing = {"iterations": 0} if options.get("iterations") == 0 else {}  # and fewer iterations neither
        return {**options, **changed, **trains_nothing}

    def check_overrides(self) -> None:
        """Raises ValueError for one, or one file of several, that would change none of the rows."""
        taken = [fitting(self.overrides, self.recipe.row_options(row)) for row in self.rows]
        for name, value in self.overrides.items():
            words = {word for options in taken if name in options for word in str(options[name]).split(",")}
            for word in str(value).split(","):
                if word not in words:
                    raise ValueError(f"{name} is {word} among the options, and none of the rows takes it: leave it out")

    def other_problem(self, row: Row) -> Options:
        """The overrides by which the row's figures are of something else than the paper's, which no column shows."""
        shown = {name for column in self.recipe.columns for name in column.where}
        own = {**_PROBLEM, **self.recipe.row_options(row)}
        return {
            name: value
            for name, value in self.overrides.items()
            if name in _PROBLEM and name not in shown and arguments_of({name: value}) != arguments_of({name: own[name]})
        }

    def check_methods(self) -> None:
        """Raises ValueError for overrides that would make all rows of one method, or a row of several."""
        for name in _METHOD:
            if name in self.overrides and any(name in row.options for row in self.recipe.rows):
                raise ValueError(f"{name} is what the rows of {self.recipe.name} differ by: choose them by --rows")
        if (n := len(str(self.overrides.get("compare", "")).split(","))) > 1:
            raise ValueError(f"compare names {n} methods, and a row is of one")

    def check_columns(self) -> None:
        """Raises ValueError for shots or sizes of samples among the overrides that no column would show."""
        for name in ("k_shot", "samples_per_class"):
            words = str(self.overrides.get(name, "")).split(",")
            given = [int(word) for word in words if word.strip().isdecimal()]  # others are told by the row's command
            shown = [column.where[name] for column in self.recipe.columns if name in column.where]
            if shown and (others := sorted(set(given) - set(shown))):
                raise ValueError(
                    f"{name} has {others[0]}, and the columns are of {', '.join(map(str, dict.fromkeys(shown)))}"
                )
            if not shown and self.recipe.columns and len(given) > 1:
                raise ValueError(f"{name} has {len(given)} numbers, and the columns are of one: give one")

    def _runs(self, row: Row, folder: Path) -> list[tuple[Options, RunDirectory]]:
        """The options and the folder of each run of the row."""
        options = self.options(row)
        if self.recipe.command == "train_glico":
            return [({**options, "seeds": self.seeds}, RunDirectory(folder / row.slug))]
        seeds = range(self.seeds)
        return [({**options, "seed": seed}, RunDirectory(folder / f"{row.slug}-seed{seed}")) for seed in seeds]

    def _command(self, options: Options) -> list[str]:
        return [f"bin/{self.recipe.command}.py", *arguments_of(options)]

    def _typed(self, options: Options) -> str:
        """The command as one would type it."""
        of_seeds = {"seeds": self.seeds} if self.recipe.command == "train_glico" else {}
        return shlex.join(self._command({**options, **of_seeds}))

    def _run(self, row: Row, options: Options, run: RunDirectory) -> str:
        """Empty where the command has ended well, else the last line of its output."""
        log = run.path.with_name(f"{run.path.name}.log")
        print(f"{row.method}: {self._typed(options)}\n    its output: {log}", flush=True)
        said_before = log.stat().st_size if log.exists() else 0
        started = time.monotonic()
        script, *arguments = self._command({**options, **self.places})
        place = ["--run-dir", str(run.path), "--resume"]
        code = run_child([sys.executable, str(ROOT / script), *arguments, *place], log)
        print(f"    {'failed' if code else 'done'} after {(time.monotonic() - started) / 60:.1f} min", flush=True)
        if code == 0:
            return ""
        if code < 0:
            return f"failed: ended by signal {-code} (9: out of memory, perhaps)"
        return f"failed: {_last_words(log, said_before) or f'exit status {code}'}"

    def _copy_pictures(self, outcome: Outcome, directory: RunDirectory) -> None:
        """Of several seeds the first's."""
        chosen: dict[str, Path] = {}
        for run in outcome.runs[:1]:
            by_pattern = {pattern: [*run.path.glob(pattern)] for pattern in self.recipe.pictures}
            if missing := [pattern for pattern, pictures in by_pattern.items() if not pictures]:
                log = run.path.with_name(f"{run.path.name}.log")
                print(f"    without {', '.join(missing)}: {log} says why", flush=True)
            found = [picture for pictures in by_pattern.values() for picture in pictures]
            for picture in sorted(found, key=lambda file: (len(str(file)), file)):  # seed9 before seed10
                folder = picture.relative_to(run.path).parts[0]  # 10-per-class, and so on
                part = [folder] * (folder != directory.pictures.name)
                chosen.setdefault("-".join([outcome.row.slug, *part, picture.name]), picture)
        for name, picture in chosen.items():
            directory.pictures.mkdir(exist_ok=True)
            shutil.copyfile(picture, directory.pictures / name)

    def _write(self, directory: RunDirectory, outcomes: list[Outcome]) -> None:
        table = reproduction_table(self.recipe, outcomes, " ".join(arguments_of(self.overrides)))
        parts = [table["title"], as_markdown(table), table["note"]]
        if paired := self._compared(outcomes):
            table["paired"] = paired
            parts += [f"{paired['title']}:", as_markdown(paired), paired["note"]]
        write_text(directory.path / "table.md", "\n\n".join(parts) + "\n")
        write_text(directory.path / "table.csv", as_csv(table))
        if self.recipe.columns:
            save_reproduction(directory.path / "table.png", self.recipe, table)
        write_json(directory.path / "table.json", table)

    def _compared(self, outcomes: list[Outcome]) -> Table | None:
        """The rows that have finished beside one another, on the same tasks or samples."""
        if self.recipe.command == "train_glico":
            if all(column.measure != "top1" for column in self.recipe.columns):
                return None
            rows = [(each.row.method, row) for each in outcomes for run in each.runs for row in of_first_method(run)]
            return paired_samples.paired_table(rows, self.against.method if self.against else None)
        contenders = [Contender(outcome.row.method, outcome.runs) for outcome in outcomes if outcome.runs]
        other = [each for each in contenders if self.against and each.name == self.against.method]
        return None if self.against and not other else paired_table(contenders, *other)


def _of_another_recipe(run: RunDirectory, options: Options) -> str:
    """What is wrong with a finished run of an earlier version, which left the recipe to the dataset; else empty."""
    was, is_now = run.config().get("recipe"), options.get("recipe")
    return "" if was == is_now else f"was run by the recipe {was}, and is of {is_now}: remove {run.path}, and resume"


def _last_words(log: Path, said_before: int) -> str:
    """The last line that says something of a command's output, which began after so many bytes."""
    lines = log.read_bytes()[said_before:].decode("utf-8", errors="replace").splitlines()
    said = [line.strip() for line in lines if any(map(str.isalpha, line))]
    return said[-1] if said else ""


def arguments_of(options: Options) -> list[str]:
    """Options as a command line has them: flags for what is true or false, commas between several values."""
    words: list[str] = []
    for name, value in options.items():
        flag = f"--{name.replace('_', '-')}"
        if isinstance(value, bool):
            opposite = [] if name.startswith("no_") else [f"--no-{flag[2:]}"]
            words += [flag] if value else opposite
        elif value is not None:
            words += [flag, ",".join(map(_word, value)) if isinstance(value, tuple) else _word(value)]
    return words


def _word(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) and math.isfinite(value) else str(value)
