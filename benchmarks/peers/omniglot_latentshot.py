"""The library's command, from Omniglot's images to LASIUM's figure; arguments as of `omniglot_torch`.

What the others do not do is left out, validation and calibration; pictures, yardsticks, report and export are not.
"""

from __future__ import annotations

import json
import math
import pickle
import sys
import tempfile
from pathlib import Path

from ..omniglot_run import OmniglotRun
from .latentshot_command import run_command


def main() -> None:
    problem_file, _, result_file = map(Path, sys.argv[1:])
    problem: OmniglotRun = pickle.loads(problem_file.read_bytes())
    with tempfile.TemporaryDirectory() as folder:
        options = {
            "dataset": problem.dataset,
            "generator_epochs": problem.epochs,
            "iterations": problem.iterations,
            "checkpoint_every": math.gcd(problem.iterations, 100),
            "n_tasks": problem.n_tasks,
            "k_shot": problem.k_shots,
            "val_tasks": 0,
            "calibration_tasks": 0,
        }
        run = Path(folder) / "run"
        run_command("train_meta", options, run)
        rows = json.loads((run / "results.json").read_text(encoding="utf-8"))
    times = {"the VAE": rows[0]["times"]["generator"], "meta-training": rows[0]["times"]["meta_training"]}
    times |= {f"{row['k_shot']}-shot evaluation": row["times"]["evaluation"] for row in rows}
    accuracy = {f"{row['k_shot']}-shot": row["accuracy"] for row in rows}
    result_file.write_text(json.dumps({"times": times, "accuracy": accuracy}), encoding="utf-8")


if __name__ == "__main__":
    main()
