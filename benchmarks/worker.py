"""The process of one candidate: builds it, and steps when told to, by lines of JSON.

    python -m latentshot.benchmarks.worker MODULE checked|timed FILE

FILE holds the pickled problem; MODULE is one of `benchmarks.peers`, with `build(problem, checked)` that returns a
function that does a step and gives its loss, and one that gives the weights in Keras's layout; of evaluation, which
changes no weights, the tasks' losses, 0 before the step. checked: the optimizer takes the gradients off the weights as
they are, so that a step tells them.
"""

from __future__ import annotations

import importlib
import json
import pickle
import resource
import sys
import time
from pathlib import Path

from ..lasium.experiment.config import suited_kernels
from ..training.cpu_kernels import choose_cpu_kernels, n_threads
from .seconds_by_operation import seconds_by_operation


def main() -> None:
    wall, started = time.time(), time.perf_counter()
    module, purpose, file = sys.argv[1:]
    answers, sys.stdout = sys.stdout, sys.stderr  # what a library prints is no answer
    with open(file, "rb") as stored:
        problem = pickle.load(stored)
    learner, downsampling = getattr(problem, "learner", None), getattr(problem, "downsampling", None)
    choose_cpu_kernels(**suited_kernels(learner, downsampling))  # as the commands do
    build = importlib.import_module(f"latentshot.benchmarks.peers.{module}").build
    if "torch" in sys.modules:  # which takes as many as there are cores; the others take all
        sys.modules["torch"].set_num_threads(n_threads())
    imported, memory = time.perf_counter() - started, _peak_mebibytes()
    step, weights = build(problem, purpose == "checked")
    before = weights()
    loss = step()
    seconds = time.perf_counter() - started
    with Path(f"{file}.{module}.npz").open("wb") as changes:
        import numpy as np

        np.savez(changes, *[b - a for b, a in zip(before, weights(), strict=True)])
    first = {"loss": loss, "started": wall, "imports": imported, "imported_mebibytes": memory, "first_step": seconds}
    print(json.dumps(first), file=answers, flush=True)
    for line in sys.stdin:
        word, *number = line.split()
        if word == "profile":
            print(json.dumps(seconds_by_operation(step, int(number[0]))), file=answers, flush=True)
        elif word == "step":
            start = time.perf_counter()
            step()
            print(json.dumps({"seconds": time.perf_counter() - start}), file=answers, flush=True)
        else:
            break
    print(json.dumps({"peak_mebibytes": _peak_mebibytes()}), file=answers, flush=True)


def _peak_mebibytes() -> float:
    """The most memory that this process had. Linux's getrusage would count what its parent had when it started it."""
    status = Path("/proc/self/status")
    if status.exists():
        lines = dict(line.split(":", 1) for line in status.read_text(encoding="utf-8").splitlines())
        return int(lines["VmHWM"].split()[0]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 1024)


if __name__ == "__main__":
    main()
