#!/usr/bin/env python3
"""Prints the results of several runs as one table, and draws them.

bin/report.py runs/* --picture results.png --html report.html
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from latentshot.experiment.command_line import Positional, errors_as_messages, parse

if TYPE_CHECKING:
    from latentshot.experiment.result_tables import Table
    from latentshot.experiment.run_directory import Row, RunDirectory

    Drawing = Callable[[Path, list[Row]], None]
    Page = Callable[[Path, list[RunDirectory], Table | None], None]
    Views = tuple[Callable[[list[Row], bool], str], Drawing, Page, Table | None]  # the last: of the comparison


@dataclass(frozen=True)
class ReportConfig:
    run_dirs: Annotated[tuple[Path, ...], Positional]
    """The runs; folders without results are named and left out."""
    against: str | None = None
    """A run's folder, or of bin/train_glico.py a row such as baseline: by how much the others are above it, on the same
    tasks or samples; default: the best."""
    markdown: bool = False
    """Print the table as Markdown."""
    picture: Path | None = None
    """Where to draw the results with their intervals."""
    html: Path | None = None
    """Where to write a report of the runs: one file with everything inside, which opens in any browser, offline."""


def main() -> None:
    with errors_as_messages():
        options = parse(ReportConfig, __doc__)
        check_files(options)
        runs, rows = finished(options.run_dirs)
        views = views_of_tasks if made_of_tasks(rows) else views_of_samples
        results_table, draw, write_page, paired = views(runs, options.against)
        print_tables(results_table(rows, options.markdown), paired, options.markdown)
        if options.picture:
            draw(options.picture, rows)
        if options.html:
            write_page(options.html, runs, paired)


def check_files(options: ReportConfig) -> None:
    """Raises ValueError, or OSError, for files that cannot be written, before anything is read."""
    from latentshot.training.files import check_file

    for file in filter(None, (options.picture, options.html)):
        check_file(file)
    if options.picture:
        check_format(options.picture)


def finished(folders: tuple[Path, ...]) -> tuple[list[RunDirectory], list[Row]]:
    """The runs that have finished, and all their results, with `run`, the name of theirs, where they are of several.

    Raises ValueError where there is none.
    """
    from latentshot.experiment.run_directory import RunDirectory, names_of

    runs, rows = [], []
    for path in folders:
        try:
            run = RunDirectory(path)
            found = run.finished_results()
            if not found:
                raise ValueError(f"{path} has no results to report")
            runs.append(run)
            rows += [(run, row) for row in found]
        except ValueError as error:
            print(f"left out: {error}", file=sys.stderr)
    if not rows:
        raise ValueError("no finished run among the folders named; bin/report.py RUN ... reports some")
    own = names_of(run.path for run in runs)
    return runs, [{**row, "run": own[run.path.resolve()]} if len(runs) > 1 else row for run, row in rows]


def made_of_tasks(rows: list[Row]) -> bool:
    """Are they of bin/train_meta.py? Raises ValueError where only some are."""
    of_tasks = ["k_shot" in row for row in rows]
    if any(of_tasks) and not all(of_tasks):
        raise ValueError("runs of bin/train_meta.py and of bin/train_glico.py do not compare: report them apart")
    return all(of_tasks)


def views_of_tasks(runs: list[RunDirectory], against: str | None) -> Views:
    from latentshot.experiment.paired import contender_of, contenders_of, paired_table
    from latentshot.lasium.experiment.report import write_report
    from latentshot.lasium.experiment.results import results_table, save_results

    contenders = contenders_of(runs)
    paired = paired_table(contenders, contender_of(contenders, against) if against else None)
    return results_table, save_results, write_report, paired


def views_of_samples(runs: list[RunDirectory], against: str | None) -> Views:
    from latentshot.experiment.paired_samples import check_named, paired_table
    from latentshot.glico.experiment.pictures import save_results
    from latentshot.glico.experiment.report import write_report
    from latentshot.glico.experiment.results import named, results_table

    of_runs = named(runs)
    check_named(of_runs, against)
    return results_table, save_results, write_report, paired_table(of_runs, against)


def print_tables(results: str, paired: Table | None, markdown: bool) -> None:
    from latentshot.experiment.result_tables import as_markdown, as_text

    print(results)
    if paired:
        table = as_markdown(paired) if markdown else as_text(paired)
        print(f"\n{paired['title']}:\n\n{table}\n\n{paired['note']}")


def check_format(picture: Path) -> None:
    """Raises ValueError where the file's name says no format that Matplotlib writes."""
    from matplotlib.backend_bases import FigureCanvasBase

    if picture.suffix[1:].lower() not in FigureCanvasBase.get_supported_filetypes():
        raise ValueError(f"picture is {picture}; its ending must name a format, as .png, .svg or .pdf do")


if __name__ == "__main__":
    main()
