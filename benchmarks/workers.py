"""What several processes of this machine make of a job: python -m latentshot.benchmarks.workers --help"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from tabulate import tabulate

from ..experiment.command_line import errors_as_messages, parse
from .harness import write

# Supervised tasks need no generator, and four tasks a step can be shared by four processes.
OPTIONS = ("--recipe", "paper", "--tasks", "supervised", "--meta-batch-size", "4", "--k-shot", "1", "--n-tasks", "4")
NOT_TIMED = ("--val-tasks", "0", "--calibration-tasks", "0")
LEARNERS = ("maml", "protonets")


@dataclass(frozen=True)
class Options:
    workers: tuple[int, ...] = (1, 2, 4)
    """Numbers of processes, which must divide four tasks."""
    steps: int = 200
    """Steps of the longer of two runs; the shorter has half of them, and what both take besides steps cancels out."""
    json_file: Path | None = None
    """Where the figures are written too."""


@dataclass(frozen=True)
class Job:
    """What a finished job took, in seconds: by the clock, and of all its processes' time on the cores."""

    clock: float
    cores: float
    first_loss: float


def main() -> None:
    with errors_as_messages():
        options = parse(Options, __doc__)
        if uneven := [n for n in options.workers if n not in (1, 2, 4)]:
            raise ValueError(f"workers is {uneven[0]}; four tasks a step are shared by 1, 2 or 4")
        if options.steps < 2:
            raise ValueError(f"steps is {options.steps}; it must be 2 or more")
        rows = [_row(learner, n, options.steps) for learner in LEARNERS for n in options.workers]
        print("\nFour tasks a step (5-way, 1-shot, conv4-64, 28x28), shared by processes of one machine")
        print(tabulate(rows, headers="keys", floatfmt=".3f"), flush=True)
        write(options.json_file, {"rows": rows})


def _row(learner: str, n_workers: int, steps: int) -> dict[str, Any]:
    short, long = _job(learner, n_workers, steps // 2), _job(learner, n_workers, steps)
    counted = steps - steps // 2
    return {
        "learner": learner,
        "workers": n_workers,
        "step, s": (long.clock - short.clock) / counted,
        "core seconds a step": (long.cores - short.cores) / counted,
        "loss of the first steps": short.first_loss,
    }


def _job(learner: str, n_workers: int, steps: int) -> Job:
    """Raises RuntimeError where a worker fails."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        run = Path(folder) / "run"
        command = [sys.executable, "-m", "latentshot.bin.train_meta", *OPTIONS, *NOT_TIMED, "--learner", learner]
        command += ["--iterations", str(steps), "--checkpoint-every", str(steps // 2), "--run-dir", str(run)]
        command += ["--distribute", "multi_worker"] if n_workers > 1 else []
        start, used = time.perf_counter(), _seconds_of_children()
        processes = []
        for number, environment in enumerate(_environments(n_workers)):
            said = stack.enter_context(open(Path(folder) / f"{number}.log", "w+", encoding="utf-8"))
            processes.append(subprocess.Popen(command, stdout=said, stderr=said, env=os.environ | environment))
            stack.callback(processes[-1].kill)  # an error leaves none behind
        while None in (codes := [process.poll() for process in processes]) and not any(codes):
            time.sleep(0.05)  # and not for the first, which may wait for another that is gone
        if any(codes):
            logs = [(Path(folder) / f"{number}.log").read_text(encoding="utf-8") for number in range(n_workers)]
            raise RuntimeError(f"{n_workers} workers failed: " + "\n".join(log[-2000:] for log in logs))
        history = json.loads((run / "checkpoints" / "history.json").read_text(encoding="utf-8"))
        cores = _seconds_of_children() - used
        return Job(time.perf_counter() - start, cores, float(np.mean(history[0]["loss"])))


def _seconds_of_children() -> float:
    """On the cores, of all processes that have ended."""
    times = os.times()
    return times.children_user + times.children_system


def _environments(n_workers: int) -> list[dict[str, str]]:
    """TF_CONFIG of each worker."""
    if n_workers == 1:
        return [{}]
    with ExitStack() as stack:  # all at once, or a port would be found twice
        sockets = [stack.enter_context(socket.socket()) for _ in range(n_workers)]
        for one in sockets:
            one.bind(("localhost", 0))
        cluster = {"worker": [f"localhost:{one.getsockname()[1]}" for one in sockets]}
    tasks = [{"type": "worker", "index": index} for index in range(n_workers)]
    return [{"TF_CONFIG": json.dumps({"cluster": cluster, "task": task})} for task in tasks]


if __name__ == "__main__":
    main()
