"""How tests run the real commands, on budgets of seconds."""

import json
import os
import subprocess
import sys
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from unittest.mock import patch

ROOT = Path(__file__).resolve().parent.parent
TINY = [
    *("--iterations", "6", "--checkpoint-every", "2", "--meta-batch-size", "1", "--inner-steps", "1"),
    *("--eval-inner-steps", "2", "--filters", "4", "--n-tasks", "2", "--val-tasks", "4", "--k-shot", "1,2"),
    "--any-generator",  # of an epoch or so
    *("--calibration-tasks", "0"),
]
TINY_GLICO = ["--seeds", "1", "--samples-per-class", "3", "--classifier", "weak-cnn", "--budget", "0.002"]


def start(name, arguments, cache):
    environment = {**os.environ, "LATENTSHOT_CACHE": str(cache), "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, str(ROOT / "bin" / name), *map(str, arguments)]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def finish(process):
    out, err = process.communicate(timeout=240)
    return process.returncode, out, err


def command(name, arguments, cache):
    code, out, err = finish(start(name, arguments, cache))
    assert code == 0, err[-3000:]
    return out


def call(main, arguments):
    """The command's main in this process, which saves the import of TensorFlow."""
    with patch.object(sys, "argv", ["command", *map(str, arguments)]):
        main()


def output_of(main, arguments):
    """What the command's main prints in this process."""
    with redirect_stdout(StringIO()) as out:
        call(main, arguments)
    return out.getvalue()


def results(run):
    """The rows, but for how long they took."""
    return [
        {k: v for k, v in row.items() if k not in ("seconds", "times")}
        for row in json.loads((run / "results.json").read_text())
    ]
