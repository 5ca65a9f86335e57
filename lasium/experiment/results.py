"""The results of runs as a table, for the terminal and for Markdown, and as a picture."""

from __future__ import annotations

from pathlib import Path

from tabulate import tabulate

from ...experiment.plots import save_bars, told_apart
from ...experiment.result_tables import without_empty_columns
from ...experiment.run_directory import Row


def results_table(rows: list[Row], markdown: bool = False) -> str:
    """One line a result: what was run, on how many tasks, its accuracy, the options that change its meaning; below them
    the yardsticks of the same tasks.

    AUROC: of "none of these", on tasks in which half of the queries belong to no class; open accuracy: right answers on
    these, where 5 % of the validation classes' queries are false alarms. ECE: expected calibration error before and
    after the temperature. The time is that of the run up to the row, over all of its sessions; for a row of
    bin/evaluate.py, that command's.
    """
    open_set = any("auroc" in row for row in rows)
    lines = [
        {
            **_cells(row, row),
            **(_open_set(row) if open_set else {}),
            "paper": row["paper"],
            "options": row["options"],
            "run": row.get("run", ""),
            "time": _time(row),
        }
        for row in rows
    ]
    beside = [_cells(row, yardstick) for row in rows for yardstick in row.get("yardsticks", [])]
    lines += [line for place, line in enumerate(beside) if line not in beside[:place]]
    shown = without_empty_columns(lines)
    return tabulate(shown, headers="keys", tablefmt="github" if markdown else "simple", disable_numparse=True)


def verdicts(rows: list[Row]) -> list[str]:
    """One line for each row that does not beat the best of its yardsticks beyond its interval."""
    lines = []
    for row in rows:
        best = max(row.get("yardsticks", []), key=lambda yardstick: yardstick["accuracy"], default=None)
        if best and row["accuracy"] - row["ci95"] <= best["accuracy"]:
            lines.append(
                f"{row['method']}, {_tasks(row)}: {_percent(row)} % does not beat {_as_noun(best)}, which takes no "
                f"training, beyond its interval"
            )
    return lines


def save_results(path: Path, rows: list[Row]) -> None:
    """Accuracies with their 95 % intervals, coloured by shots, beside chance and the best yardstick."""
    labels = told_apart([label(row) for row in rows], rows, "options", "run")
    accuracies, intervals, shots = ([row[name] for row in rows] for name in ("accuracy", "ci95", "k_shot"))
    marks = {"chance": [100.0 / row["n_way"] for row in rows]}
    if all(row.get("yardsticks") for row in rows):
        marks["best yardstick"] = [max(each["accuracy"] for each in row["yardsticks"]) for row in rows]
    save_bars(path, labels, accuracies, intervals, shots, "accuracy, %, with 95 % interval", marks)


def _cells(row: Row, measured: Row) -> dict[str, str | int]:
    """row: whose tasks they are. measured: with the method, the accuracy and its interval."""
    return {
        "method": measured["method"],
        "dataset": images_of(row),
        "way, shots": _tasks(row),
        "tasks": row["n_tasks"],
        "accuracy, %": _percent(measured),
    }


def _percent(row: Row) -> str:
    return f"{row['accuracy']:.2f}" + f" ± {row['ci95']:.2f}" * (row["method"] != "Chance")


def _tasks(row: Row) -> str:
    return f"{row['n_way']}-way {row['k_shot']}-shot"


def _as_noun(yardstick: Row) -> str:
    name = yardstick["method"]
    return f"{'' if name == 'Chance' else 'the '}{name[0].lower()}{name[1:]} ({_percent(yardstick)})"


def _time(row: Row) -> str:
    """In minutes, with its parts where there was a training."""
    times = row.get("times", {})
    whole = f"{row['seconds'] / 60:.1f} min"
    if len(times) < 2:  # an evaluation alone
        return whole
    parts = [f"{name.replace('_', '-')} {_minutes(seconds)}" for name, seconds in times.items()]
    return f"{whole}: {', '.join(parts)}"


def _minutes(seconds: float | None) -> str:
    return "from the cache" if seconds is None else f"{seconds / 60:.1f}"


def _open_set(row: Row) -> dict[str, str]:
    """Of a row whose learner was not calibrated, empty."""
    if "auroc" not in row:
        return dict.fromkeys(("AUROC, %", "open accuracy, %", "ECE, %"), "")
    return {
        "AUROC, %": f"{row['auroc']:.1f} ± {row['auroc_ci95']:.1f}",
        "open accuracy, %": f"{row['open_accuracy']:.1f} ± {row['open_accuracy_ci95']:.1f}",
        "ECE, %": f"{row['ece_raw']:.1f} → {row['ece']:.1f}",
    }


def images_of(row: Row) -> str:
    """The dataset, the split where it is not the test's, and what else the learner was trained on."""
    split = "" if row["split"] == "test" else f" ({row['split']})"
    trained_on = "" if row["trained_on"] == row["dataset"] else f", trained on {row['trained_on']}"
    return row["dataset"] + split + trained_on


def label(row: Row) -> str:
    """Method, images and tasks of a row."""
    return f"{row['method']}, {images_of(row)}, {_tasks(row)}"
