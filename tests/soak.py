"""Stops the real commands by three signals, resumes them and compares bits: python tests/soak.py --seconds 1800

In turns at random moments, which are seconds after the start, and at drawn operations on files (stops.py).
"""

import argparse
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from killing import assert_same_run, assert_told, wait_for_handlers
from real_commands import TINY, TINY_GLICO, finish, start
from stops import COMMANDS, SIGNALS, Stopped

from latentshot.datasets import load_dataset

MAML = [*TINY, "--generator-epochs", "3", "--generator-batch-size", "50", "--n-unlabelled", "100", "--k-shot", "1"]
TIMED = {"train_meta.py": MAML, "train_glico.py": [*TINY_GLICO, "--compare", "baseline,glico"]}
STOPS = 6  # of a run by the clock
STOPS_EACH = 2  # of a run by each signal, at operations


class Victim:
    """A command, what it does uninterrupted in `folder / whole`, and how many seconds that takes."""

    def __init__(self, name, folder, cache):
        self.name, self.folder, self.empty_cache, self.cache = name, folder, cache, folder / "cache"
        began = time.monotonic()
        code, _, err = finish(self._start("whole"))
        assert code == 0, err[-3000:]
        self.seconds = time.monotonic() - began

    def survives(self, chance):
        """Stops a run, each time at a random moment, compares its end, and returns the signals that came before it."""
        received: list[signal.Signals] = []
        while len(received) < STOPS:
            number = chance.choice(SIGNALS)
            if not self._is_stopped(number, chance.uniform(0, self.seconds / 2), resume=bool(received)):
                break
            received.append(number)
        code, _, err = finish(self._start("stopped", resume=bool(received)))
        assert code == 0, err[-3000:]
        assert_same_run(self.folder / "stopped", self.folder / "whole")
        return received

    def _is_stopped(self, number, seconds, resume):
        process = self._start("stopped", resume)
        wait_for_handlers(process)
        time.sleep(seconds)
        process.send_signal(number)
        code, _, err = finish(process)
        if code == 0:
            return False
        assert_told(code, err, number)
        return True

    def _start(self, run, resume=False):
        if not resume:
            shutil.rmtree(self.cache, ignore_errors=True)
            shutil.copytree(self.empty_cache, self.cache)
            shutil.rmtree(self.folder / run, ignore_errors=True)
        return start(self.name, [*TIMED[self.name], "--run-dir", self.folder / run, "--resume"], self.cache)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=1800)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    chance, until, rounds = random.Random(options.seed), time.monotonic() + options.seconds, 0
    stops: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        cache = Path(folder) / "drawn"
        os.environ["LATENTSHOT_CACHE"] = str(cache)
        load_dataset("glyphs")  # drawn once
        timed = [Victim(name, Path(folder) / name, cache) for name in TIMED]
        at_operations = [Stopped(*COMMANDS[name], Path(folder) / name, cache) for name in COMMANDS]
        while time.monotonic() < until:
            turn, which = divmod(rounds, 2)
            if which:
                received = at_operations[turn % len(COMMANDS)].survives(chance, STOPS_EACH)
            else:
                received = timed[turn % len(TIMED)].survives(chance)
            stops.update(number.name for number in received)
            rounds += 1
            counts = ", ".join(f"{count} {name}" for name, count in sorted(stops.items()))
            print(f"{stops.total()} stops ({counts}) of {rounds} runs survived, all bit-identical", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
