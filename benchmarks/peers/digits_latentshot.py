"""The library's command, from nothing to GLICO's table on digits; arguments as of `digits_torch`.

It also draws pictures, exports the first seed's classifiers and writes a report, which the others do not.
"""

from __future__ import annotations

import json
import pickle
import sys
import tempfile
from pathlib import Path

from ..digits_run import METHODS, MODEL, DigitsRun
from .latentshot_command import run_command


def main() -> None:
    problem_file, _, result_file = map(Path, sys.argv[1:])
    problem: DigitsRun = pickle.loads(problem_file.read_bytes())
    with tempfile.TemporaryDirectory() as folder:
        options = {
            "dataset": "digits",
            "samples_per_class": problem.samples_per_class,
            "compare": METHODS,
            "seeds": problem.seeds,
            "budget": problem.budget,
        }
        run = Path(folder) / "run"
        run_command("train_glico", options, run)
        rows = json.loads((run / "results.json").read_text(encoding="utf-8"))
        stages = {MODEL: "generator", **{method: method for method in METHODS}}
        samples = [run / f"{problem.samples_per_class}-per-class" / f"seed{seed}" for seed in range(problem.seeds)]
        times = {name: sum(_seconds(sample, stage) for sample in samples) for name, stage in stages.items()}
    accuracy = {row["method"]: row["top1"] for row in rows}
    result_file.write_text(json.dumps({"times": times, "accuracy": accuracy}), encoding="utf-8")


def _seconds(sample: Path, stage: str) -> float:
    return json.loads((sample / f"{stage}-seconds.json").read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
