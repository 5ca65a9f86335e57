"""The results of runs as a table, for the terminal and for Markdown, and as a picture."""

from __future__ import annotations

from pathlib import Path

from tabulate import tabulate

from ...experiment.plots import save_bars
from ...experiment.run_directory import Row


def results_table(rows: list[Row], markdown: bool = False) -> str:
    """One line a result: what was run, on how many tasks, its accuracy, the options that change its meaning.

    The time is that of the run up to the row, over all of its sessions; for a row of bin/evaluate.py, that command's.
    """
    lines = [
        {
            "method": row["method"],
            "dataset": _dataset(row),
            "way, shots": f"{row['n_way']}-way {row['k_shot']}-shot",
            "tasks": row["n_tasks"],
            "accuracy, %": f"{row['accuracy']:.2f} ± {row['ci95']:.2f}",
            "paper": row["paper"],
            "options": row["options"],
            "time": f"{row['seconds'] / 60:.1f} min",
        }
        for row in rows
    ]
    return tabulate(lines, headers="keys", tablefmt="github" if markdown else "simple", disable_numparse=True)


def _dataset(row: Row) -> str:
    split = "" if row["split"] == "test" else f" ({row['split']})"
    trained_on = "" if row["trained_on"] == row["dataset"] else f", trained on {row['trained_on']}"
    return row["dataset"] + split + trained_on


def save_results(path: Path, rows: list[Row]) -> None:
    """Accuracies with their 95 % intervals, one line a result, coloured by shots."""
    labels = [_label(row) for row in rows]
    if len(set(labels)) < len(labels):
        labels = [f"{label}\n{row['options']}" for label, row in zip(labels, rows, strict=True)]
    accuracies, intervals, shots = ([row[name] for row in rows] for name in ("accuracy", "ci95", "k_shot"))
    save_bars(path, labels, accuracies, intervals, shots, "accuracy, %, with 95 % interval")


def _label(row: Row) -> str:
    split = "" if row["split"] == "test" else f" {row['split']}"
    return f"{row['method']}, {row['dataset']}{split}, {row['n_way']}-way {row['k_shot']}-shot"
