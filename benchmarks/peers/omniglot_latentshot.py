"""The library's command, from Omniglot's images to LASIUM's figure; arguments as of `omniglot_torch`.

What the others do not do is left out, validation and calibration; pictures, yardsticks, report and export are not.
"""

from __future__ import annotations

import json
import math
import pickle
import subprocess
import sys
import tempfile
from pathlib import Path

from ..omniglot_run import OmniglotRun

COMMAND = Path(__file__).parents[2] / "bin" / "train_meta.py"


def main() -> None:
    problem_file, _, result_file = map(Path, sys.argv[1:])
    problem: OmniglotRun = pickle.loads(problem_file.read_bytes())
    with tempfile.TemporaryDirectory() as folder:
        options = {
            "dataset": problem.dataset,
            "generator-epochs": problem.epochs,
            "iterations": problem.iterations,
            "checkpoint-every": math.gcd(problem.iterations, 100),
            "n-tasks": problem.n_tasks,
            "k-shot": ",".join(map(str, problem.k_shots)),
            "val-tasks": 0,
            "calibration-tasks": 0,
            "run-dir": folder + "/run",
        }
        words = [word for name, value in options.items() for word in (f"--{name}", str(value))]
        subprocess.run([sys.executable, str(COMMAND), *words], check=True)
        rows = json.loads((Path(folder) / "run" / "results.json").read_text(encoding="utf-8"))
    times = {"the VAE": rows[0]["times"]["generator"], "meta-training": rows[0]["times"]["meta_training"]}
    times |= {f"{row['k_shot']}-shot evaluation": row["times"]["evaluation"] for row in rows}
    accuracy = {f"{row['k_shot']}-shot": row["accuracy"] for row in rows}
    result_file.write_text(json.dumps({"times": times, "accuracy": accuracy}), encoding="utf-8")


if __name__ == "__main__":
    main()
