"""Stops the real commands at random moments, resumes them, and compares bits: python tests/soak.py --seconds 1800"""

import argparse
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

import h5py
import numpy as np
from killing import saved_numbers
from real_commands import TINY, TINY_GLICO, finish, results, start

SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)
META = [*TINY, "--generator-epochs", "3", "--generator-batch-size", "50", "--n-unlabelled", "100", "--k-shot", "1"]
COMMANDS = {"train_meta.py": META, "train_glico.py": [*TINY_GLICO, "--compare", "baseline,glico"]}


class Victim:
    """A command, what it does uninterrupted in `folder / whole`, and how many seconds that takes."""

    def __init__(self, name, folder, cache):
        self.name, self.folder = name, folder / name
        self.empty_cache, self.cache = self.folder / "empty-cache", self.folder / "cache"
        self.empty_cache.mkdir(parents=True)
        for drawings in cache.glob("*.npz"):  # drawn once; a generator that is there already would not be trained
            shutil.copy(drawings, self.empty_cache)
        began = time.monotonic()
        code, _, err = finish(self._start("whole"))
        assert code == 0, err[-3000:]
        self.seconds = time.monotonic() - began

    def survives(self, chance, n_kills):
        """Stops a run so many times, each at a random moment, and returns how many stops came before its end."""
        stopped = 0
        while stopped < n_kills:
            seconds = chance.uniform(0, self.seconds / 2)
            if not self.stop(chance.choice(SIGNALS), lambda _: time.sleep(seconds), resume=stopped > 0):  # noqa: B023
                break
            stopped += 1
        self.end(resume=stopped > 0)
        return stopped

    def stop(self, which, wait, resume):
        """Starts the command, waits and sends the signal. False where it had ended before."""
        process = self._start("stopped", resume)
        _wait_for_handlers(process)
        wait(process)
        process.send_signal(which)
        code, _, err = finish(process)
        assert "Traceback" not in err, err[-3000:]
        if code == 0:
            return False
        assert code == (-which if which == signal.SIGKILL else 128 + which), f"{code}: {err[-3000:]}"
        assert which == signal.SIGKILL or err.splitlines()[-1].startswith("interrupted"), err[-3000:]
        return True

    def end(self, resume=True):
        """Resumes the stopped run to its end, and compares it with the whole one."""
        code, _, err = finish(self._start("stopped", resume))
        assert code == 0, err[-3000:]
        self._compare()

    def _start(self, run, resume=False):
        if not resume:
            shutil.rmtree(self.cache, ignore_errors=True)
            shutil.copytree(self.empty_cache, self.cache)
            shutil.rmtree(self.folder / run, ignore_errors=True)
        options = ["--run-dir", self.folder / run, "--resume"]
        return start(self.name, [*COMMANDS[self.name], *options], self.cache)

    def _compare(self):
        whole, stopped = self.folder / "whole", self.folder / "stopped"
        assert results(whole) == results(stopped)
        for file in whole.rglob("*.weights.h5"):
            _assert_equal(_numbers(file), _numbers(stopped / file.relative_to(whole)))
        for index in {file.parent for file in whole.rglob("epoch-*.index")}:
            ours = stopped / index.relative_to(whole)
            _assert_equal(saved_numbers(ours), saved_numbers(index))
            assert (ours / "history.json").read_text() == (index / "history.json").read_text()
        left = [file for file in [*stopped.rglob("*"), *self.cache.rglob("*")] if "part-" in file.name]
        assert left == []


def _wait_for_handlers(process):
    """Until the command has taken over SIGTERM, which it does at once, before the long imports."""
    mask = 1 << (signal.SIGTERM - 1)
    status = Path(f"/proc/{process.pid}/status")
    while process.poll() is None and status.exists():
        caught = [line for line in status.read_text().splitlines() if line.startswith("SigCgt:")]
        if int(caught[0].split()[1], 16) & mask:
            return
        time.sleep(0.01)


def _numbers(path):
    found = {}
    with h5py.File(path) as file:
        file.visititems(lambda name, item: found.update({name: item[()]} if isinstance(item, h5py.Dataset) else {}))
    return found


def _assert_equal(ours, expected):
    assert ours.keys() == expected.keys()
    for name, value in expected.items():
        np.testing.assert_array_equal(ours[name], value, err_msg=name)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=1800)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    chance, until, stops, runs = random.Random(options.seed), time.monotonic() + options.seconds, 0, 0
    with tempfile.TemporaryDirectory() as folder:
        cache = Path(os.environ.get("LATENTSHOT_CACHE") or Path.home() / ".cache" / "latentshot")
        victims = [Victim(name, Path(folder), cache) for name in COMMANDS]
        while time.monotonic() < until:
            stops += victims[runs % len(victims)].survives(chance, n_kills=6)
            runs += 1
            print(f"{stops} stops of {runs} runs survived, all bit-identical", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
