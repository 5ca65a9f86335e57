"""The table of a reproduction: the paper's figures, ours, and their difference."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from .paired import mean_interval
from .recipe import OVER_SEEDS, Column, Recipe, Row, mean_and_error
from .result_tables import Table
from .run_directory import RunDirectory

PAPERS_SEEDS = 3  # behind the errors of GLICO's tables


@dataclass
class Outcome:
    """What came of a row.

    command: as one would type it. runs: those that finished. problem: why others did not. other_problem: options by
    which its figures are of other images or tasks than the paper's, from which they have no difference then.
    """

    row: Row
    command: str
    runs: list[RunDirectory] = field(default_factory=list)
    problem: str = ""
    other_problem: str = ""


def reproduction_table(recipe: Recipe, outcomes: list[Outcome], changed: str) -> Table:
    """As `result_tables` describes. changed: options in place of the recipe's, for the note."""
    rows: list[dict[str, Any]] = []
    for outcome in outcomes:
        cells: dict[str, Any] = {"method": outcome.row.method, "bold": []}
        for column, figure in zip(recipe.columns, outcome.row.figures, strict=True):
            ours = [found for run in outcome.runs if (found := _found(run, column))]
            cells |= _cells(recipe, column, figure, ours, is_the_papers=not outcome.other_problem)
            cells["bold"] += [f"{column.title} difference"] * _matters(cells, column)
        if recipe.beside and outcome.runs:
            cells[recipe.beside] = outcome.runs[0].results()[0][recipe.beside]
        cells["status"] = outcome.problem or ("" if outcome.runs else "not run yet")
        rows.append({**cells, "command": outcome.command, **_origin(outcome.runs)})
    others = dict.fromkeys(filter(None, (outcome.other_problem for outcome in outcomes)))
    title = f"{recipe.name}: {recipe.title}" + f"; ours with {', '.join(others)}" * bool(others)
    compares = any(not outcome.other_problem for outcome in outcomes)
    note = " ".join(
        [_note(recipe, changed, compares), *rank_correlations(recipe, [outcome.row for outcome in outcomes], rows)]
    )
    return {"title": title, "note": note, "columns": _columns(recipe, rows), "rows": rows}


def _columns(recipe: Recipe, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    columns: list[dict[str, Any]] = [{"key": "method", "title": "method"}]
    for column in recipe.columns:
        for what in ("paper", "ours", "difference"):
            key = f"{column.title} {what}"
            signed = {"sign": True} if what == "difference" else {}
            columns.append(
                {"key": key, "title": f"{column.title}, {what}", "error": f"{key} ±", "digits": column.digits, **signed}
            )
        columns.append({"key": f"{column.title} sd", "title": "sd over seeds", "digits": column.digits})
    if recipe.beside:
        columns.append({"key": recipe.beside, "title": recipe.beside})
    columns.append({"key": "status", "title": "status"})
    return [column for column in columns if any(row.get(column["key"]) not in (None, "") for row in rows)]


def _cells(
    recipe: Recipe, column: Column, figure: str, ours: list[dict[str, Any]], is_the_papers: bool
) -> dict[str, Any]:
    title = column.title
    paper, paper_error = mean_and_error(figure)
    cells: dict[str, Any] = {f"{title} paper": paper, f"{title} paper ±": paper_error}
    if not ours:
        return cells
    mean, error, deviation = _summary([row[column.measure] for row in ours], [row[column.error] for row in ours])
    cells |= {f"{title} ours": mean, f"{title} ours ±": error, f"{title} sd": deviation}
    if paper is not None and is_the_papers:
        # a run's interval over tasks says nothing of another training: with several seeds theirs counts
        own = _half_width(recipe, error, ours[0].get("seeds", 1))
        if len(ours) > 1:
            own = mean_interval([row[column.measure] for row in ours])[1]
        theirs = _half_width(recipe, paper_error, PAPERS_SEEDS)
        both = [each for each in (own, theirs) if each is not None]
        known = len(both) == 2 or recipe.interval != OVER_SEEDS
        cells |= {
            f"{title} difference": mean - paper,
            f"{title} difference ±": math.hypot(*both) if both and known else None,
        }
    return cells


def _half_width(recipe: Recipe, error: float | None, seeds: int) -> float | None:
    """Of the 95 % interval that an error, which is the recipe's, stands for: over seeds by Student's t."""
    if error is None or recipe.interval != OVER_SEEDS:
        return error
    from scipy import stats  # half a second, for which --help and --list need not wait

    return error * float(stats.t.ppf(0.975, seeds - 1))


def _summary(means: list[float], errors: list[float | None]) -> tuple[float, float | None, float | None]:
    """The mean over runs, its error by those of the runs, and the standard deviation between runs, with two or more."""
    mean = sum(means) / len(means)
    known = [error for error in errors if error is not None]
    error = math.hypot(*known) / len(known) if known else None
    if len(means) < 2:
        return mean, error, None
    return mean, error, math.sqrt(sum((value - mean) ** 2 for value in means) / (len(means) - 1))


def _matters(cells: dict[str, Any], column: Column) -> bool:
    difference, error = (cells.get(f"{column.title} difference{suffix}") for suffix in ("", " ±"))
    return difference is not None and error is not None and abs(difference) > error


def _found(run: RunDirectory, column: Column) -> dict[str, Any] | None:
    """The run's own row: bin/evaluate.py may have added some of validation classes."""
    rows = [row for row in run.results() if "k_shot" not in row or row.get("split", "test") == "test"]
    return next((row for row in rows if row.items() >= column.where.items()), None)


def rank_correlations(recipe: Recipe, of_recipe: list[Row], rows: list[dict[str, Any]]) -> list[str]:
    """Sentences: how far the order of our rows is the paper's, by Spearman's correlation, where it has three at least.

    rows: of the table. Of rows that the recipe ranks within groups, each group and all rows.
    """
    from scipy import stats  # as above

    groups: dict[str, list[dict[str, Any]]] = {"all rows": rows}
    for row, cells in zip(of_recipe, rows, strict=True):
        if recipe.ranked_within:
            name = ", ".join(str(recipe.row_options(row)[option]) for option in recipe.ranked_within)
            groups.setdefault(name, []).append(cells)
    found = []
    for column in recipe.columns:
        paper, ours = f"{column.title} paper", f"{column.title} ours"
        said = []
        for name, members in groups.items():
            both = [(cells[paper], cells[ours]) for cells in members if None not in (cells.get(paper), cells.get(ours))]
            if len(both) > 2 and all(len(set(values)) > 1 for values in zip(*both, strict=True)):
                said.append(f"{stats.spearmanr(*zip(*both, strict=True)).statistic:.2f} ({name}, {len(both)})")
        found += [f"Spearman's correlation with the paper's order, {column.title}: {'; '.join(said)}."] if said else []
    return found


def of_first_method(run: RunDirectory) -> list[dict[str, Any]]:
    """The results that a GLICO row is of: where its run compares several, the first one's."""
    results = run.results()
    return [row for row in results if row["method"] == results[0]["method"]]


def _origin(runs: list[RunDirectory]) -> dict[str, Any]:
    """Where and when the figures came from; empty without runs."""
    if not runs:
        return {}
    finished = max(run.results_file.stat().st_mtime for run in runs)
    results = [rows for run in runs if (rows := run.results())]
    if results and "seeds" in results[0][0]:  # GLICO's: one run of all seeds, whose first method is the row's
        seeds, seconds = results[0][0]["seeds"], sum(row["seconds"] for run in runs for row in of_first_method(run))
    else:  # a run a seed, whose last row has the time of all; those of bin/evaluate.py have no times of parts
        own = [[row["seconds"] for row in rows if "times" in row] or [rows[-1]["seconds"]] for rows in results]
        seeds, seconds = len(runs), sum(map(max, own))
    return {
        "commit": runs[0].versions()["commit"],
        "date": date.fromtimestamp(finished).isoformat(),
        "machine": runs[0].versions()["machine"],
        "seeds": seeds,
        "minutes": round(seconds / 60, 1),
    }


def _note(recipe: Recipe, changed: str, has_differences: bool) -> str:
    with_options = f" Run with {changed}." * bool(changed)
    if not recipe.columns:
        return "What it shows lies in pictures/." + with_options
    if not has_differences:
        return f"±: {recipe.interval}." + with_options
    seeds = "With several seeds: their mean; its difference has the 95 % interval over the seeds, by Student's t. "
    seeds *= recipe.command == "train_meta"  # GLICO's intervals are over seeds anyway
    doubled = ", for differences the 95 % interval by Student's t" * (recipe.interval == OVER_SEEDS)
    return f"±: {recipe.interval}{doubled}. {seeds}Bold: a difference beyond both intervals together." + with_options
