"""From the scores of every repetition to the rows of a table."""

from __future__ import annotations

from typing import Any

import numpy as np
from tabulate import tabulate

from ...experiment.paired_samples import ALIKE, differences, image_error, image_error_of_difference, standard_error
from ...experiment.result_tables import without_empty_columns
from ...experiment.run_directory import Row, RunDirectory, names_of

OF_NEW_IMAGES = ("psnr", "pseudo_labelled", "pseudo_right", "frechet", "kernel", "kernel_of_sample")


def summarize(planned_rows: list[Row], scores: list[Row]) -> list[Row]:
    """The planned rows with what was measured, in percent, with standard errors over the seeds.

    planned_rows: one for each size of sample and each method, as `build.planned_rows` gives them.
    scores: rows with `samples_per_class`, `method`, `seed`, `sample`, which says what images, `top1`, `top5`, `images`,
    how many were classified, `right`, which of them rightly, and `seconds`, and where they were measured what
    `new_images.measured` gives.
    """
    rows = []
    for planned in planned_rows:
        ours = [s for s in scores if all(s[name] == planned[name] for name in ("samples_per_class", "method"))]
        ours.sort(key=lambda score: score["seed"])
        row = {**planned, **_measured(ours)}
        rows.append({**row, "image_error": image_error(row)})
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
        "images": scores[0]["images"],
        "right_by_seed": [score["right"] for score in scores],
        **{key: value for name in OF_NEW_IMAGES for key, value in _mean_of(scores, name).items()},
        "features": scores[0].get("features"),
        "seconds": round(sum(score["seconds"] for score in scores), 1),
    }


def _mean_of(scores: list[Row], name: str) -> Row:
    """The mean under the name, and its standard error; None where it was not measured."""
    values = [score[name] for score in scores if name in score]
    found = (float(np.mean(values)), standard_error(values)) if values else (None, None)
    return dict(zip((name, f"{name}_ste"), found, strict=True))


def with_gains(rows: list[Row]) -> list[Row]:
    """The rows with `gain`, top-1 over that of the baseline on the samples of both, its error over these, `gain_ste`,
    and that from the test images, `gain_image_error`; None without such a row.
    """
    return [{**row, **_gain(row, baseline_of(row, rows))} for row in rows]


def baseline_of(row: Row, rows: list[Row]) -> Row | None:
    """The baseline on most samples of the row: of several that of the same training, or else the best, for each row may
    be tuned by itself.

    It may come from another run. None for a baseline, and where there is none.
    """
    if row["method"] == "baseline":
        return None
    baselines = [other for other in rows if other["method"] == "baseline" and differences(row, other)]

    def fitness(other: Row) -> tuple[int, bool, float]:
        gains = differences(row, other)
        return len(gains), other["training"] == row["training"], -float(np.mean(gains))

    return max(baselines, key=fitness, default=None)


def _gain(row: Row, baseline: Row | None) -> dict[str, Any]:
    if baseline is None:
        return {"gain": None, "gain_ste": None, "gain_image_error": None}
    gains = differences(row, baseline)
    of_images = image_error_of_difference(row, baseline)
    return {"gain": float(np.mean(gains)), "gain_ste": standard_error(gains), "gain_image_error": of_images}


def results_table(rows: list[Row], markdown: bool = False) -> str:
    """One line a row: accuracies with standard errors over the seeds, the gain over the baseline, the standard errors
    that both have because the test images are so few, options that change the meaning.
    """
    lines = [
        {
            "method": label(row),
            "dataset": images_of(row),
            "images a class": row["samples_per_class"],
            "seeds": row["seeds"],
            "top-1, %": _with_error(row["top1"], row["ste"]),
            "top-5, %": _with_error(row["top5"], row["top5_ste"]),
            "gain": _with_error(row["gain"], row["gain_ste"], sign="+"),
            "top-1 by images": _error(row.get("image_error")),
            "gain by images": _error(row["gain_image_error"]),
            "PSNR, dB": "" if row["psnr"] is None else f"{row['psnr']:.1f}",
            "pseudo-labels": "" if row.get("pseudo_labelled") is None else f"{row['pseudo_labelled']:.0f}",
            "of them right, %": "" if row.get("pseudo_right") is None else f"{row['pseudo_right']:.1f}",
            "Frechet": _with_error(row.get("frechet"), row.get("frechet_ste")),
            "kernel": _with_error(row.get("kernel"), row.get("kernel_ste"), digits=4),
            "kernel of the sample": _with_error(row.get("kernel_of_sample"), row.get("kernel_of_sample_ste"), digits=4),
            "distances by": row.get("features") or "",
            "paper, top-1": row["paper"],
            "options": row["options"],
            "run": row.get("run", ""),
            "time": f"{row['seconds'] / 60:.1f} min",
        }
        for row in with_gains(rows)
    ]
    return tabulate(
        without_empty_columns(lines), headers="keys", tablefmt="github" if markdown else "simple", disable_numparse=True
    )


def named(runs: list[RunDirectory]) -> list[tuple[str, Row]]:
    """The rows of all runs, each by its label, with the run's name or folder where two of a kind have the same.

    Each has `first_seed` too, that of its first sample.
    """
    paths = list(dict.fromkeys(run.path.resolve() for run in runs))
    own = names_of(paths)
    rows = [(label(row), own[path], row) for path in paths for row in _with_seed(RunDirectory(path))]
    kinds = [(name, [row[key] for key in ALIKE]) for name, _, row in rows]
    return [
        (f"{name} of {run}" if kinds.count(kind) > 1 else name, row)
        for kind, (name, run, row) in zip(kinds, rows, strict=True)
    ]


def _with_seed(run: RunDirectory) -> list[Row]:
    seed = run.config()["seed"]
    return [{**row, "first_seed": seed} for row in run.results()]


def images_of(row: Row) -> str:
    """The dataset, and the split where it is not the test's."""
    return row["dataset"] + ("" if row["split"] == "test" else f" ({row['split']})")


def label(row: Row) -> str:
    return f"{row['method']} ({row['variant']})" if row["variant"] else row["method"]


def _error(value: float | None) -> str:
    return "" if value is None else f"± {value:.2f}"


def _with_error(value: float | None, error: float | None, sign: str = "", digits: int = 2) -> str:
    if value is None:
        return ""
    return f"{value:{sign}.{digits}f}" + ("" if error is None else f" ± {error:.{digits}f}")
