"""How fast this machine multiplies, as numpy does it: python -m latentshot.benchmarks.machine_peak"""

from __future__ import annotations

import os
import subprocess
import sys
import time

import numpy as np


def machine_peak() -> float:
    """FLOP/s of a large float32 matrix product, the best of some, in a process of its own.

    OPENBLAS_CORETYPE, which makes OpenBLAS compute as an older processor would, is not handed on to it.
    """
    environment = {name: value for name, value in os.environ.items() if name != "OPENBLAS_CORETYPE"}
    done = subprocess.run([sys.executable, "-m", __name__], env=environment, capture_output=True, text=True, check=True)
    return float(done.stdout)


def _measure(side: int = 2048, repeats: int = 8) -> float:
    a = np.random.default_rng(0).random((side, side), np.float32)
    best = np.inf
    for _ in range(repeats):
        start = time.perf_counter()
        a @ a
        best = min(best, time.perf_counter() - start)
    return 2.0 * side**3 / best


if __name__ == "__main__":
    print(_measure())
