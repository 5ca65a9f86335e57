"""Whole runs, from nothing to a result, beside scripts of equal work: python -m latentshot.benchmarks.runs --help

One after another, each once. Nothing is checked to be equal but the work, for they draw from other generators of random
numbers: the accuracies stand beside the seconds.
"""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from ..datasets import load_dataset
from ..datasets.cache import cache_folder
from ..datasets.small_sample import small_sample
from ..experiment.checks import above_zero, at_least
from ..experiment.command_line import errors_as_messages, parse
from ..training.files import copy_whole
from .digits_run import DigitsRun
from .harness import able, write
from .machine_peak import machine_peak
from .omniglot_run import REST, OmniglotRun
from .run_results import run_table

OMNIGLOT_PEERS = {"omniglot_latentshot": "tensorflow", "omniglot_torch": "torch"}
DIGITS_PEERS = {"digits_latentshot": "tensorflow", "digits_torch": "torch"}
IN_THE_CACHE = ("omniglot-*.npz", "glyphs-*.npz")  # images, which are read or drawn once


@dataclass(frozen=True)
class Options:
    epochs: int = OmniglotRun.epochs
    """Of Omniglot's VAE."""
    iterations: int = OmniglotRun.iterations
    """Steps of its meta-training."""
    n_tasks: int = OmniglotRun.n_tasks
    """Tasks of its evaluations."""
    dataset: Literal["omniglot", "glyphs"] = "omniglot"
    """glyphs: for a trial, where Omniglot is not at hand."""
    seeds: int = DigitsRun.seeds
    """Samples of digits."""
    budget: float = DigitsRun.budget
    """Shrinks the paper's schedules on them."""
    json_file: Path | None = None
    """Where the figures are written too."""

    def __post_init__(self) -> None:
        """Raises ValueError for what is too little to be run, before the first run begins."""
        at_least(self, 1, "epochs", "iterations", "n_tasks", "seeds")
        above_zero(self, "budget")


def main() -> None:
    with errors_as_messages():
        options = parse(Options, __doc__)
        letters, digits = _letters(options.dataset), _digits(options.seeds)
        of_letters = OmniglotRun(
            options.dataset, len(letters["unlabelled"]), options.epochs, options.iterations, options.n_tasks
        )
        of_digits = DigitsRun(options.seeds, budget=options.budget)
        figures = {
            f"LASIUM on {options.dataset}": _compare(of_letters, OMNIGLOT_PEERS, letters),
            "GLICO on digits": _compare(of_digits, DIGITS_PEERS, digits),
        }
        write(options.json_file, figures)


def _compare(problem: Any, peers: dict[str, str], arrays: dict[str, np.ndarray]) -> dict[str, Any]:
    """The machine's peak, and a row for each candidate; printed too. arrays: the images that the others read."""
    names, peak = able(peers), machine_peak()
    rows = [{"candidate": name, **_run(name, problem, arrays)} for name in names]
    figures = {"problem": asdict(problem), "flops": problem.flops(), "machine_peak": max(peak, machine_peak())}
    figures["rows"] = rows
    print(f"\nFrom nothing to the result: {asdict(problem)}")
    print(run_table(figures), flush=True)
    return figures


def _run(name: str, problem: Any, arrays: dict[str, np.ndarray]) -> dict[str, Any]:
    """`times`, the seconds by phase and all in all, and `accuracy` in percent, of a process with an empty cache."""
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder) / part for part in ("problem", "images.npz", "result.json")]
        files[0].write_bytes(pickle.dumps(problem))
        np.savez(files[1], **arrays)  # type: ignore[arg-type]
        cache = Path(folder) / "cache"
        for images in [file for kind in IN_THE_CACHE for file in cache_folder().glob(kind)]:
            copy_whole(images, cache / images.name)
        command = [sys.executable, "-m", f"latentshot.benchmarks.peers.{name}", *map(str, files)]
        started = time.perf_counter()
        if subprocess.run(command, env={**os.environ, "LATENTSHOT_CACHE": str(cache)}).returncode:
            raise RuntimeError(f"{name} failed: {' '.join(command)}")
        seconds = time.perf_counter() - started
        found = json.loads(files[2].read_text(encoding="utf-8"))
    rest = seconds - sum(found["times"].values())
    return {"times": {**found["times"], REST: rest}, "seconds": seconds, "accuracy": found["accuracy"]}


def _letters(name: str) -> dict[str, np.ndarray]:
    """For the others; ours reads them from the cache, where they are after this."""
    dataset = load_dataset(name)
    test = dataset["test"]
    return {"unlabelled": dataset.unlabelled[:], "test": test.images[:], "labels": test.labels}


def _digits(seeds: int) -> dict[str, np.ndarray]:
    """For the others: the same samples as ours."""
    dataset = load_dataset("digits", split_by="image")
    train, test = dataset["train"], dataset["test"]
    samples = [small_sample(train, DigitsRun.samples_per_class, seed) for seed in range(seeds)]
    images, labels = (np.stack([of_all[sample] for sample in samples]) for of_all in (train.images, train.labels))
    return {"images": images, "labels": labels, "test": test.images[:], "test_labels": test.labels}


if __name__ == "__main__":
    main()
