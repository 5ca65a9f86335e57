"""From the scores of every repetition to the rows of a table."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from tabulate import tabulate

from ...experiment.result_tables import without_empty_columns
from ...experiment.run_directory import Row


def summarize(planned_rows: list[Row], scores: list[Row]) -> list[Row]:
    """The planned rows with what was measured, in percent, with standard errors over the seeds.

    planned_rows: one for each size of sample and each method, as `build.planned_rows` gives them.
    scores: rows with `samples_per_class`, `method`, `seed`, `sample`, which says what images, `top1`, `top5` and
    `seconds`, and where they were measured `psnr`, `pseudo_labelled`, `frechet`, `kernel` and `features`.
    """
    rows = []
    for planned in planned_rows:
        ours = [s for s in scores if all(s[name] == planned[name] for name in ("samples_per_class", "method"))]
        ours.sort(key=lambda score: score["seed"])
        rows.append({**planned, **_measured(ours)})
    return with_gains(rows)


def _measured(scores: list[Row]) -> Row:
    """Means and standard errors over the scores of one method."""
    top1, top5 = ([score[name] for score in scores] for name in ("top1", "top5"))
    return {
        "seeds": len(scores),
        "samples": [score["sample"] for score in scores],
        "top1": float(np.mean(top1)),
        "ste": standard_error(top1),
        "top5": float(np.mean(top5)),
        "top5_ste": standard_error(top5),
        "top1_by_seed": top1,
        "top5_by_seed": top5,
        **_mean_of(scores, "psnr"),
        **_mean_of(scores, "pseudo_labelled"),
        **_mean_of(scores, "frechet"),
        **_mean_of(scores, "kernel"),
        "features": scores[0].get("features"),
        "seconds": round(sum(score["seconds"] for score in scores), 1),
    }


def _mean_of(scores: list[Row], name: str) -> Row:
    """The mean under the name, and its standard error; None where it was not measured."""
    values = [score[name] for score in scores if name in score]
    found = (float(np.mean(values)), standard_error(values)) if values else (None, None)
    return dict(zip((name, f"{name}_ste"), found, strict=True))


def with_gains(rows: list[Row]) -> list[Row]:
    """The rows with `gain` and `gain_ste`: top-1 over that of the baseline, seed by seed; None without such a row.

    A baseline counts for a row of the same samples, test images and training, also where it comes from another run.
    """
    baselines = {_setting(row): row for row in rows if row["method"] == "baseline"}
    return [{**row, **_gain(row, baselines.get(_setting(row)))} for row in rows]


def _setting(row: Row) -> tuple:
    return row["samples_per_class"], row["training"], tuple(row["samples"])


def _gain(row: Row, baseline: Row | None) -> dict[str, Any]:
    if baseline is None or row["method"] == "baseline":
        return {"gain": None, "gain_ste": None}
    differences = np.subtract(row["top1_by_seed"], baseline["top1_by_seed"]).tolist()
    return {"gain": float(np.mean(differences)), "gain_ste": standard_error(differences)}


def standard_error(values: list[float]) -> float | None:
    """Of the mean; None for a single value."""
    return float(np.std(values, ddof=1) / math.sqrt(len(values))) if len(values) > 1 else None


def results_table(rows: list[Row], markdown: bool = False) -> str:
    """One line a row: accuracies with standard errors, the gain over the baseline, options that change the meaning."""
    lines = [
        {
            "method": label(row),
            "dataset": row["dataset"] + ("" if row["split"] == "test" else f" ({row['split']})"),
            "images a class": row["samples_per_class"],
            "seeds": row["seeds"],
            "top-1, %": _with_error(row["top1"], row["ste"]),
            "top-5, %": _with_error(row["top5"], row["top5_ste"]),
            "gain": _with_error(row["gain"], row["gain_ste"], sign="+"),
            "PSNR, dB": "" if row["psnr"] is None else f"{row['psnr']:.1f}",
            "pseudo-labels": "" if row.get("pseudo_labelled") is None else f"{row['pseudo_labelled']:.0f}",
            "Frechet": _with_error(row.get("frechet"), row.get("frechet_ste")),
            "kernel": _with_error(row.get("kernel"), row.get("kernel_ste"), digits=4),
            "distances by": row.get("features") or "",
            "paper, top-1": row["paper"],
            "options": row["options"],
            "time": f"{row['seconds'] / 60:.1f} min",
        }
        for row in with_gains(rows)
    ]
    return tabulate(
        without_empty_columns(lines), headers="keys", tablefmt="github" if markdown else "simple", disable_numparse=True
    )


def label(row: Row) -> str:
    return f"{row['method']} ({row['variant']})" if row["variant"] else row["method"]


def _with_error(value: float | None, error: float | None, sign: str = "", digits: int = 2) -> str:
    if value is None:
        return ""
    return f"{value:{sign}.{digits}f}" + ("" if error is None else f" ± {error:.{digits}f}")
