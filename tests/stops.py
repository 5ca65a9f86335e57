"""Commands that are stopped at a file operation of one's choice.

They run in processes forked from one that has imported TensorFlow, so that a stop costs a second or two.
"""

import dataclasses
import os
import re
import shutil
import signal
import sys
import threading
from importlib import import_module
from pathlib import Path

from drawing import nothing_drawn
from forked_commands import fork, lock_progress_bars
from killing import assert_same_run, assert_told
from real_commands import TINY_GLICO

META = [
    *("--dataset", "glyphs", "--learner", "protonets", "--filters", "4", "--n-unlabelled", "100"),
    *("--generator-epochs", "3", "--generator-batch-size", "50", "--any-generator"),
    *("--iterations", "3", "--checkpoint-every", "1", "--meta-batch-size", "1", "--val-tasks", "0"),
    *("--discriminants", "4", "--neighbours", "3", "--calibration-tasks", "4", "--n-tasks", "2", "--k-shot", "1"),
]
STRONG = [*META, "--recipe", "strong", "--train-n-way", "16"]
CACTUS = [*META, "--recipe", "paper", "--tasks", "cactus", "--n-clusters", "10"]
CLUSTERS = [*CACTUS, "--embedding", "deepcluster", "--n-partitions", "2"]
GLICO = [*TINY_GLICO, "--compare", "baseline,glico", "--classifier", "cnn-4"]  # which draws what it drops
COMMANDS = {"lasium": ("train_meta", STRONG), "cactus": ("train_meta", CLUSTERS), "glico": ("train_glico", GLICO)}
SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)
WATCHED = ("open", "os.rename", "os.remove", "os.mkdir", "os.scandir", "shutil.copyfile", "shutil.rmtree")
PATIENCE = 240  # seconds


@dataclasses.dataclass(frozen=True)
class Stop:
    """The first operation of that name is answered by the signal, so many seconds later."""

    operation: str
    signal: signal.Signals
    delay: float


class Stopped:
    """A command, what it does uninterrupted in `folder / whole`, and a run of it that is stopped in `folder / stopped`.

    cache: what it finds in its cache.
    """

    def __init__(self, command, arguments, folder, cache):
        self.command, self.arguments, self.cache = command, arguments, cache
        self.own_cache, self.whole, self.stopped = (folder / name for name in ("cache", "whole", "stopped"))
        self._begin()
        status, said, self.operations = self._session(self.whole)
        assert status == 0, said[-3000:]

    def survives(self, chance, n_each):
        """Stops runs so many times by each signal, at operations that are drawn, compares every end with the whole run,
        and returns the signals."""
        moments = sorted(chance.choices(range(len(self.operations)), k=n_each * len(SIGNALS)))
        signals = chance.sample(SIGNALS * n_each, k=len(moments))
        self._begin()
        for moment, number in zip(moments, signals, strict=True):
            stop = Stop(self.operations[moment], number, chance.choice((0.0, chance.uniform(0.0, 0.3))))
            if not self._is_stopped(stop):  # this session had no such operation any more, and came to the run's end
                self._begin()
                assert self._is_stopped(dataclasses.replace(stop, delay=0.0)), stop
        assert not self._is_stopped(None)
        return signals

    def survives_a_kill(self, operation, lost):
        """Kills a run at the first such operation, loses that folder of its cache, and compares its end with the whole
        run."""
        self._begin()
        assert self._is_stopped(Stop(operation, signal.SIGKILL, 0.0)), operation
        shutil.rmtree(self.own_cache / lost)
        assert not self._is_stopped(None)

    def _begin(self):
        """A run from nothing."""
        shutil.rmtree(self.stopped, ignore_errors=True)
        shutil.rmtree(self.own_cache, ignore_errors=True)
        shutil.copytree(self.cache, self.own_cache)

    def _is_stopped(self, stop):
        status, said, _ = self._session(self.stopped, stop)
        if status == 0:
            assert_same_run(self.stopped, self.whole)
            return False
        assert stop, said[-3000:]
        assert_told(status, said, stop.signal)
        return True

    def _session(self, run, stop=None):
        return session(self.command, [*self.arguments, "--run-dir", run, "--resume"], run, self.own_cache, stop)


def session(command, arguments, run, cache, stop=None):
    """Runs the command from its start to its end or the stop: its exit status, what it said, and its file operations
    in the folders of the run and the cache, each once, in order."""
    report = run.with_name(f"{run.name}-session")
    report.mkdir(exist_ok=True)
    process = fork(_carry_out, command, list(map(str, arguments)), run, cache, report, stop)
    process.join(PATIENCE)
    if process.exitcode is None:
        process.kill()
    operations = dict.fromkeys((report / "operations").read_text().splitlines())
    return process.exitcode, (report / "said").read_text(), list(operations)


def _carry_out(command, arguments, run, cache, report, stop):
    said, operations = (_written(report / name) for name in ("said", "operations"))
    for stream in (1, 2):
        os.dup2(said, stream)
    lock_progress_bars()
    os.environ["LATENTSHOT_CACHE"] = str(cache)
    sys.argv = [command, *arguments]
    pending = [stop] if stop else []

    def watch(event, details):
        if event not in WATCHED or not isinstance(details[0], (str, bytes, os.PathLike)):
            return
        path = os.path.abspath(os.fsdecode(details[0]))
        if not path.startswith((f"{run}/", f"{cache}/")):
            return
        name = f"{event} {re.sub(r'part-.*?-[0-9]+-', 'part-', os.path.relpath(path, run))}"
        os.write(operations, f"{name}\n".encode())
        if pending and name == pending[0].operation:
            _send(pending.pop())

    sys.addaudithook(watch)
    with nothing_drawn():
        import_module(f"latentshot.bin.{command}").main()


def _send(stop):
    if stop.delay:
        threading.Timer(stop.delay, os.kill, (os.getpid(), stop.signal)).start()
    else:
        os.kill(os.getpid(), stop.signal)


def _written(file: Path):
    return os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
