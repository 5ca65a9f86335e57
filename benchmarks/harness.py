"""Checks that candidates compute the same, and times them in turns, each in a process of its own."""

from __future__ import annotations

import importlib.util
import json
import pickle
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from tabulate import tabulate

from ..training.files import write_json
from .machine_peak import machine_peak

TOLERANCE = 1e-3  # relative, of losses and gradients
WARM_UP = 2  # steps that are not counted, beside the first
SHORT, MOST = 0.3, 15  # of a candidate's turn: seconds, below which it has several steps, and so many at most
FEWEST, SECONDS = 3, 60.0  # of one comparison the turns end after so long, but not before so many


@dataclass(frozen=True)
class Options:
    steps: int = 10
    """Steps that are timed of each candidate; fewer where they take long."""
    json_file: Path | None = None
    """Where the figures are written too."""


class Candidate:
    """A worker process that has done its first step.

    name: of the module in `benchmarks.peers`. purpose: see `benchmarks.worker`.
    """

    def __init__(self, name: str, purpose: Literal["checked", "timed"], problem_file: Path):
        command = [sys.executable, "-m", "latentshot.benchmarks.worker", name, purpose, str(problem_file)]
        self.name = name
        self.said = tempfile.TemporaryFile("w+")  # noqa: SIM115 - beside its answers; more than a pipe would hold
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.said, text=True
        )
        self.first = self._answer()
        with np.load(f"{problem_file}.{name}.npz") as stored:
            self.changes = [stored[key] for key in stored]

    def step(self) -> float:
        """Seconds of one step."""
        return self._ask("step")["seconds"]

    def operations(self, steps: int) -> dict[str, float]:
        """Of TensorFlow: seconds by operation in so many steps."""
        return self._ask(f"profile {steps}")

    def close(self) -> float:
        """Ends the process; the most memory that it had, in MiB."""
        peak = self._ask("end")["peak_mebibytes"]
        self.process.communicate()
        self.said.close()
        return peak

    def _ask(self, word: str) -> dict[str, float]:
        assert self.process.stdin is not None
        self.process.stdin.write(word + "\n")
        self.process.stdin.flush()
        return self._answer()

    def _answer(self) -> dict[str, float]:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            self.process.communicate()
            self.said.seek(0)
            raise RuntimeError(f"{self.name} failed: {self.said.read()[-2000:]}")
        return json.loads(line)


def compare(peers: dict[str, str], problem: Any, steps: int, checked: Any = None) -> dict[str, Any]:
    """The machine's peak, and a row for each candidate that can run, the first being what the others are compared to.

    peers: the package that each needs, by name. steps: how many are timed of each, in turns, which end after SECONDS.
    checked: the problem on which they are compared, where the one that is timed is no good for it.
    Raises RuntimeError where two of them do not compute the same.
    """
    names = able(peers)
    with stored(problem) as file, stored(checked or problem) as checked_file:
        check([Candidate(name, "checked", checked_file) for name in names])
        running = [Candidate(name, "timed", file) for name in names]
        for _ in range(WARM_UP):
            for candidate in running:
                candidate.step()
        peak = machine_peak()  # before and after, for it changes with the machine's other guests
        turns: list[list[float]] = []
        end = time.monotonic() + SECONDS
        while len(turns) < FEWEST or (len(turns) < steps and time.monotonic() < end):
            turns.append([_steady_step(candidate) for candidate in running])
        peak = max(peak, machine_peak())
        rows = [_row(candidate, np.array(turns), number) for number, candidate in enumerate(running)]
        return {"machine_peak": peak, "rows": rows}


@contextmanager
def stored(problem: Any) -> Iterator[Path]:
    """The file from which workers read the problem."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "problem"
        file.write_bytes(pickle.dumps(problem))
        yield file


def able(peers: dict[str, str]) -> list[str]:
    """Those whose package is there; the others are said to be left out."""
    names = [name for name, needs in peers.items() if importlib.util.find_spec(needs) is not None]
    for name in peers.keys() - set(names):
        print(f"{name} is left out: {peers[name]} is not installed (pip install -e '.[bench]')", file=sys.stderr)
    return names


def check(candidates: list[Candidate]) -> None:
    """Raises RuntimeError where losses or gradients differ; ends the candidates."""
    first = candidates[0]
    for other in candidates[1:]:
        pairs = [(np.array(first.first["loss"]), np.array(other.first["loss"]))]
        pairs += list(zip(first.changes, other.changes, strict=True))
        scale = max((float(np.linalg.norm(change)) for change in first.changes), default=0.0)
        for ours, theirs in pairs:
            # a bias before batch normalization has no gradient but rounding: as a share of the largest it is nothing
            difference = float(np.linalg.norm(ours - theirs)) / max(float(np.linalg.norm(ours)), 1e-2 * scale)
            if not difference < TOLERANCE:
                raise RuntimeError(f"{first.name} and {other.name} differ by {difference:.2g}: they do not do the same")
    for candidate in candidates:
        candidate.close()


def _steady_step(candidate: Candidate) -> float:
    """Seconds of a step among its like: the first is not counted, beside which threads of the candidate before may
    still wait for more work and its own are still asleep; of short ones the median of several."""
    first = candidate.step()
    return float(np.median([candidate.step() for _ in range(max(1, min(MOST, int(SHORT / first))))]))


def _row(candidate: Candidate, seconds: np.ndarray, number: int) -> dict[str, Any]:
    """Of candidate `number` of seconds (turns, candidates)."""
    medians = np.median(seconds, axis=0)
    pairs = seconds[:, number] / seconds[:, 0]  # of the same turn
    return {
        "candidate": candidate.name,
        "turns": len(seconds),
        "median_seconds": float(medians[number]),
        "ratio": float(medians[number] / medians[0]),
        "pair_quartiles": np.quantile(pairs, [0.25, 0.5, 0.75]).tolist(),
        "first_step_seconds": candidate.first["first_step"],
        "gradient_mebibytes": sum(change.nbytes for change in candidate.changes) / 2**20,
        "peak_mebibytes": candidate.close(),
    }


def report(title: str, problem: Any, compared: dict[str, Any]) -> dict[str, Any]:
    """Prints what `compare` found as a table, and returns it with the problem that it was measured on."""
    peak = compared["machine_peak"]
    work = problem.flops() / 1e9
    print(f"\n{title}: {asdict(problem)}, {work:.1f} GFLOP of convolutions, the machine {peak / 1e9:.0f} GFLOP/s")
    print(table(compared["rows"], problem.flops(), peak), flush=True)
    return {"problem": asdict(problem), "flops": problem.flops(), **compared}


def write(file: Path | None, figures: dict[str, Any]) -> None:
    if file:
        write_json(file, figures)


def table(rows: list[dict[str, Any]], flops: float, peak: float) -> str:
    """flops: of one step. peak: of the machine, in FLOP/s."""
    lines = []
    for row in rows:
        low, middle, high = row["pair_quartiles"]
        lines.append(
            {
                "candidate": row["candidate"],
                "step, ms": f"{1e3 * row['median_seconds']:.1f}",
                "times the first": f"{row['ratio']:.2f}",
                "pair by pair": f"{middle:.2f} ({low:.2f} to {high:.2f})",
                "share of peak": f"{flops / row['median_seconds'] / peak:.0%}",
                "first step after, s": f"{row['first_step_seconds']:.1f}",
                "peak memory, MiB": f"{row['peak_mebibytes']:.0f}",
            }
        )
    return tabulate(lines, headers="keys", disable_numparse=True)
