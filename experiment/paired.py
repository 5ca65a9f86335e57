"""Runs compared on the same tasks: the difference task by task, its 95 % interval, and what it says in words."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from .result_tables import Table
from .run_directory import NOT_COMPUTED, Row, RunDirectory
from .task_scores import SAME_TASKS, TaskScores, load_scores, scores_of

COMPARABLE = ("dataset", "split", "n_way", "k_shot")  # results that differ in these are of other questions
SIZE = ("n_tasks", "n_query")  # evaluations that differ in these alone are of the same question
NOTE = (
    "Difference: of accuracies in percent, task by task, with its 95 % interval by Student's t; `does not beat` where "
    "that holds 0. Over tasks it says nothing of another training run; of several seeds it is over seeds, each of them "
    "with the difference on its own tasks, of the seeds whose tasks both saw. The best row, with which the others "
    "are compared unless one is named, was found on the same tasks, which favours it."
)


@dataclass(frozen=True)
class Contender:
    """What is compared: runs that differ in their seed alone."""

    name: str
    runs: list[RunDirectory]


@dataclass(frozen=True)
class Difference:
    """How far one is above the other.

    mean: in percentage points. half_width: of its 95 % interval; None where there is but one task, or they are not
    paired. over: what the interval is over, or why they are not paired.
    """

    mean: float
    half_width: float | None
    over: str
    is_paired: bool = True

    @property
    def verdict(self) -> str:
        """The verb between the two names."""
        if not self.is_paired:
            return "is not paired with"
        if self.half_width is None or abs(self.mean) <= self.half_width:
            return "does not beat"
        return "beats" if self.mean > 0 else "is beaten by"

    def cells(self, other: str) -> Row:
        """What `comparison_columns` show of it, beside the row of that name."""
        return {
            "verdict": self.verdict,
            "against": other,
            "difference": self.mean,
            "difference ±": self.half_width,
            "over": self.over,
        }


@dataclass
class _Result:
    """Of a contender, on tasks of one kind: rows of results with their scores, one a run."""

    name: str
    rows: list[Row] = field(default_factory=list)
    scores: list[TaskScores | None] = field(default_factory=list)

    @property
    def accuracies(self) -> list[float]:
        return [row["accuracy"] for row in self.rows]


def contenders_of(runs: Sequence[RunDirectory]) -> list[Contender]:
    """The runs, those together that differ in their seed alone."""
    groups: dict[str, dict[int, RunDirectory]] = {}
    for run in {run.path.resolve(): run for run in runs}.values():
        config = run.config()
        rest = {name: value for name, value in config.items() if name not in (*NOT_COMPUTED, "seed")}
        key = str(sorted(rest.items()))
        while config["seed"] in groups.setdefault(key, {}):
            key += "+"  # a second run of a seed stands for itself
        groups[key][config["seed"]] = run
    found = [list(group.values()) for group in groups.values()]
    names = [_name(group) for group in found]
    if len(set(names)) < len(names):
        names = [str(group[0].path) for group in found]
    return [Contender(name, group) for name, group in zip(names, found, strict=True)]


def contender_of(contenders: list[Contender], name: str) -> Contender:
    """That of the name, or that one of whose runs lies at the path. Raises ValueError where there is none."""
    for each in contenders:
        if name == each.name or Path(name).resolve() in [run.path.resolve() for run in each.runs]:
            return each
    raise ValueError(f"there is no run {name!r} to compare with: choose among {', '.join(e.name for e in contenders)}")


def _name(runs: list[RunDirectory]) -> str:
    name = runs[0].path.resolve().name
    return name if len(runs) == 1 else re.sub(r"-seed\d+$", "", name)


def mean_interval(values: Sequence[float] | np.ndarray) -> tuple[float, float | None]:
    """The mean and the half-width of its 95 % interval, t times s / sqrt(n) with t of n - 1 degrees; None for n = 1."""
    from scipy import stats  # half a second, for which --help and --list need not wait

    n = len(values)
    half_width = float(stats.t.ppf(0.975, n - 1) * stats.sem(values)) if n > 1 else None
    return float(np.mean(values)), half_width


def difference(own: _Result, other: _Result) -> Difference:
    """Over seeds where two or more pairs of runs saw the same tasks, over tasks where one did."""
    pairs = [(a, b) for a in own.scores for b in other.scores if a and b and _same_tasks(a, b)]
    by_task = [a.accuracies - b.accuracies for a, b in pairs]
    if len(pairs) > 1:
        return Difference(*mean_interval([each.mean() for each in by_task]), f"{len(pairs)} seeds")
    if len(pairs) == 1:
        alone = f" of seed {pairs[0][0].tasks['seed']}" * (max(len(own.rows), len(other.rows)) > 1)
        return Difference(*mean_interval(by_task[0]), f"{len(by_task[0]):,} tasks{alone}")
    apart = float(np.mean(own.accuracies) - np.mean(other.accuracies))
    return Difference(apart, None, _why_not_paired(own, other), is_paired=False)


def _same_tasks(a: TaskScores, b: TaskScores) -> bool:
    return all(a.tasks[name] == b.tasks[name] for name in SAME_TASKS)


def _why_not_paired(own: _Result, other: _Result) -> str:
    known = [[scores for scores in each.scores if scores] for each in (own, other)]
    for each, scores in zip((own, other), known, strict=True):
        if not scores:
            return f"{each.name} kept no task's score: bin/evaluate.py does"
    a, b = (scores[0].tasks for scores in known)
    return f"other tasks: {', '.join(f'{n} {a[n]}, not {b[n]}' for n in SAME_TASKS if a[n] != b[n])}"


def paired_table(contenders: list[Contender], against: Contender | None = None) -> Table | None:
    """Of every kind of tasks the contenders, the best first, each beside the one given, or else beside the best.

    As `result_tables` describes it; None where nothing can be compared. Raises ValueError for damaged scores.
    """
    rows: list[Row] = []
    for results in _by_kind(contenders, against):
        results.sort(key=lambda result: -float(np.mean(result.accuracies)))
        other = next((each for each in results if each.name == (against or results[0]).name), None)
        if other and len(results) > 1:
            rows += [_cells(each, other) for each in results]
    columns = comparison_columns(rows, "tasks", {"key": "accuracy", "title": "accuracy, %"})
    return {"title": "On the same tasks", "note": NOTE, "columns": columns, "rows": rows} if rows else None


def _by_kind(contenders: list[Contender], against: Contender | None) -> list[list[_Result]]:
    """The results on tasks of one kind together: of a run's evaluations one that `against` has too, before one that
    most runs have, before the longest.
    """
    runs = [(contender.name, run, _by(COMPARABLE, run.results())) for contender in contenders for run in contender.runs]
    how_often: Counter[tuple] = Counter()
    for name, _, rows_by_kind in runs:
        weight = len(runs) if against and name == against.name else 1
        how_often.update({(kind, size): weight for kind, rows in rows_by_kind.items() for size in _by(SIZE, rows)})
    kinds: dict[tuple, dict[str, _Result]] = defaultdict(dict)
    for name, run, rows_by_kind in runs:
        scores = load_scores(run.task_scores_file)
        for kind, rows in rows_by_kind.items():
            by_size = _by(SIZE, rows)
            size = max(by_size, key=lambda size, kind=kind: (how_often[kind, size], size))
            result = kinds[kind].setdefault(name, _Result(name))
            result.rows.append(by_size[size][-1])
            result.scores.append(scores_of(result.rows[-1], scores, run.task_scores_file))
    return [list(results.values()) for results in kinds.values()]


def _by(names: tuple[str, ...], rows: list[Row]) -> dict[tuple, list[Row]]:
    """The rows by their values of these names."""
    found: dict[tuple, list[Row]] = defaultdict(list)
    for row in rows:
        found[tuple(row.get(name) for name in names)].append(row)
    return found


def _cells(result: _Result, other: _Result) -> Row:
    row, seeds = result.rows[0], len(result.rows)
    split = "" if row["split"] == "test" else f" ({row['split']})"
    cells = {
        "tasks": f"{row['dataset']}{split}, {row['n_way']}-way {row['k_shot']}-shot",
        "row": result.name,
        "accuracy": float(np.mean(result.accuracies)),
        "seeds": seeds if seeds > 1 else None,
        "sd": float(np.std(result.accuracies, ddof=1)) if seeds > 1 else None,
    }
    if result is other:
        return cells
    return {**cells, **difference(result, other).cells(other.name)}


def comparison_columns(rows: list[Row], seen: str, measure: Row, *others: Row) -> list[Row]:
    """The columns of a comparison, of those that a row has something in.

    seen: the key of what all were tried on. measure: the column of what is compared. others: columns behind the rest.
    """
    columns: list[Row] = [
        {"key": seen, "title": seen},
        {"key": "row", "title": "row"},
        {**measure, "digits": 2},
        {"key": "seeds", "title": "seeds"},
        {"key": "sd", "title": "sd over seeds", "digits": 2},
        {"key": "verdict", "title": ""},
        {"key": "against", "title": "other row"},
        {"key": "difference", "title": "difference", "error": "difference ±", "digits": 2, "sign": True},
        {"key": "over", "title": "interval over"},
        *others,
    ]
    return [column for column in columns if any(row.get(column["key"]) is not None for row in rows)]
