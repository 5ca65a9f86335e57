#!/usr/bin/env python3
"""Prints the results of several runs as one table, and draws them.

bin/report.py runs/* --picture results.png --html report.html
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated

from latentshot.experiment.command_line import Positional, errors_as_messages, parse


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
        from latentshot.experiment.paired import contender_of, contenders_of, paired_table
        from latentshot.experiment.result_tables import as_markdown, as_text
        from latentshot.experiment.run_directory import RunDirectory
        from latentshot.training.files import check_file

        for file in filter(None, (options.picture, options.html)):
            check_file(file)
        if options.picture:
            check_format(options.picture)
        rows, runs = [], []
        for path in options.run_dirs:
            try:
                rows += RunDirectory(path).finished_results()
                runs.append(RunDirectory(path))
            except ValueError as error:
                print(f"left out: {error}", file=sys.stderr)
        if not rows:
            raise ValueError("no finished run among the folders named; bin/report.py RUN ... reports some")
        of_tasks = [row for row in rows if "k_shot" in row]
        if of_tasks and len(of_tasks) < len(rows):
            raise ValueError("runs of bin/train_meta.py and of bin/train_glico.py do not compare: report them apart")
        write_page: Callable[[Path, list[RunDirectory]], None]
        if of_tasks:
            from latentshot.lasium.experiment.report import write_report
            from latentshot.lasium.experiment.results import results_table, save_results

            contenders = contenders_of(runs)
            other = contender_of(contenders, options.against) if options.against else None
            paired = paired_table(contenders, other)
            write_page = partial(write_report, paired=paired)
        else:
            from latentshot.experiment import paired_samples
            from latentshot.glico.experiment.pictures import save_results
            from latentshot.glico.experiment.report import write_report as write_glico_report
            from latentshot.glico.experiment.results import named, results_table

            of_runs = named(runs)
            wanted = options.against
            if wanted and not any(paired_samples.is_named(name, wanted) for name, _ in of_runs):
                known = "; ".join(dict.fromkeys(name for name, _ in of_runs))
                raise ValueError(f"there is no row {wanted!r} to compare with: choose among {known}")
            paired = paired_samples.paired_table(of_runs, wanted)
            write_page = partial(write_glico_report, paired=paired)
        print(results_table(rows, options.markdown))
        if paired:
            table = as_markdown(paired) if options.markdown else as_text(paired)
            print(f"\n{paired['title']}:\n\n{table}\n\n{paired['note']}")
        if options.picture:
            save_results(options.picture, rows)
        if options.html:
            write_page(options.html, runs)


def check_format(picture: Path) -> None:
    """Raises ValueError where the file's name says no format that Matplotlib writes."""
    from matplotlib.backend_bases import FigureCanvasBase

    if picture.suffix[1:].lower() not in FigureCanvasBase.get_supported_filetypes():
        raise ValueError(f"picture is {picture}; its ending must name a format, as .png, .svg or .pdf do")


if __name__ == "__main__":
    main()
