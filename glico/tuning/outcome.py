"""What a search leaves: a table of its trials, a picture of them, and the best options as data."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import LogFormatter
from optuna.trial import FrozenTrial

from ...experiment.paired_samples import standard_error
from ...experiment.plots import save_figure
from ...experiment.result_tables import Table, as_csv, as_markdown
from ...experiment.run_directory import Row
from ...training.files import write_json, write_text
from .config import TuningConfig
from .space import Values

NOTE = (
    "Top-1 accuracy on validation images, with its standard error over the seeds. The best of several trials is better "
    "there than on other images: measure it on the test images, by bin/train_glico.py --options-from best.json "
    "--compare {rows}."
)


def write_outcome(folder: Path, given: TuningConfig, images: int, trials: list[FrozenTrial]) -> None:
    """Writes trials.json, .md, .csv and .png, and best.json once a trial has been through all seeds.

    given: the command's options, unresolved. images: of validation, for each seed.
    """
    rows = [as_row(number, trial) for number, trial in enumerate(trials, start=1)]
    names = list(given.ranges)
    best = max((row for row in rows if not row["ended"]), key=lambda row: row["top1"], default=None)
    if best:
        best["bold"] = ["top1"]
    table = trials_table(given, names, rows)
    write_text(folder / "trials.md", f"{table['title']}:\n\n{as_markdown(table)}\n\n{table['note']}\n")
    write_text(folder / "trials.csv", as_csv(table))
    save_trials(folder / "trials.png", names, rows)
    write_json(folder / "trials.json", table)
    if best:
        write_best(folder / "best.json", given, names, images, best, rows)


def as_row(number: int, trial: FrozenTrial) -> Row:
    """Of a finished trial: its options by name, and what they came to."""
    found = trial.user_attrs
    scores = found["top1_by_seed"]
    return {
        "trial": number,
        **found["options"],
        "top1": float(np.mean(scores)) if scores else None,
        "ste": standard_error(scores),
        "seeds": len(scores),
        "ended": found["ended"],
        "minutes": found["seconds"] / 60,
        "top1_by_seed": scores,
    }


def trials_table(given: TuningConfig, names: list[str], rows: list[Row]) -> Table:
    title = f"Trials of {given.method} on {given.dataset}, {given.samples_per_class[0]} labelled images a class"
    columns: list[dict[str, Any]] = [{"key": name, "title": name.replace("_", " ")} for name in ("trial", *names)]
    columns += [{"key": "top1", "title": "top-1, %", "error": "ste", "digits": 2}, {"key": "seeds", "title": "seeds"}]
    columns += [{"key": "ended", "title": "given up"}, {"key": "minutes", "title": "minutes", "digits": 1}]
    compared = given.method if given.method == "baseline" else f"baseline,{given.method}"
    return {"title": title, "columns": columns, "rows": rows, "note": NOTE.format(rows=compared)}


def write_best(path: Path, given: TuningConfig, names: list[str], images: int, best: Row, rows: list[Row]) -> None:
    """The options for --options-from, and how far they can be trusted.

    top1, ste: in percent, mean and standard error over the seeds. top1_error: the standard error that so many images
    have by themselves, as a binomial's, whatever the seeds, whose images may be the same. gain: in points, seed by
    seed, over the first trial, whose options are the command's own where the ranges hold them; None where that was
    given up.
    """
    share = best["top1"] / 100
    first = rows[0]["top1_by_seed"]
    gains = np.subtract(best["top1_by_seed"], first).tolist() if len(first) == best["seeds"] else []
    found = {
        "options": {**given.passed_on, **{name: best[name] for name in names}},
        "row": given.method,
        "split": "validation",
        **{name: best[name] for name in ("top1", "ste", "top1_by_seed", "trial")},
        "top1_error": 100 * math.sqrt(share * (1 - share) / images),
        "gain": float(np.mean(gains)) if gains else None,
        "gain_ste": standard_error(gains),
        "seeds": best["seeds"],
        "images": images,
        "trials": len(rows),
        "given_up": sum(bool(row["ended"]) for row in rows),
    }
    write_json(path, found)


def save_trials(path: Path, names: list[str], rows: list[Row]) -> None:
    """Accuracy against each option, one panel each: filled where all seeds were tried, the best with a ring."""
    figure = Figure(figsize=(3.2 * len(names) + 0.6, 3.2), layout="constrained")
    for axis, name in zip(figure.subplots(1, len(names), sharey=True, squeeze=False)[0], names, strict=True):
        for row in rows:
            if row["top1"] is None:
                continue
            face = "none" if row["ended"] else "C0"
            axis.errorbar(row[name], row["top1"], row["ste"], fmt="o", color="C0", mfc=face, markersize=5, capsize=2)
            if row.get("bold"):
                axis.plot(row[name], row["top1"], "o", color="C3", mfc="none", markersize=11)
        axis.set_xscale("log")
        axis.xaxis.set_major_formatter(LogFormatter())
        axis.xaxis.set_minor_formatter(LogFormatter(labelOnlyBase=False))
        axis.set_xlabel(name.replace("_", " "))
        axis.grid(alpha=0.3)
    figure.axes[0].set_ylabel("top-1 on validation images, %")
    save_figure(figure, path)


def words(values: Values) -> str:
    """Options as a line shows them."""
    return ", ".join(f"{name.replace('_', ' ')} {value:g}" for name, value in values.items())


def accuracy(scores: list[float]) -> str:
    """The mean with its standard error, where there are several."""
    error = standard_error(scores)
    return f"{np.mean(scores):.2f} %" + ("" if error is None else f" ± {error:.2f}") if scores else "no accuracy"
