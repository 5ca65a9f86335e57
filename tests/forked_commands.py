"""Commands in processes that are forked from one that has imported TensorFlow, which saves each some five seconds.

`start` and `command` are those of real_commands.py but for the start of Python, the imports, and the choice of kernels:
TensorFlow makes it when it is imported, and the forked ones compute with oneDNN's. Their pictures have one pixel. Of
each command a test runs the real one too.
"""

import multiprocessing
import os
import runpy
import subprocess
import sys
import tempfile
import threading
from multiprocessing import forkserver
from pathlib import Path
from unittest.mock import patch

from drawing import nothing_drawn
from real_commands import ROOT, finish
from tqdm import tqdm

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(
    ["latentshot.lasium.experiment.run", "latentshot.glico.experiment.run", "tensorboard.summary", "pytest"]
)


def fork(function, *arguments):
    """Starts a process that calls the function, and is ended with this one."""
    with patch.dict(os.environ, TF_ENABLE_ONEDNN_OPTS="1"):
        forkserver.ensure_running()
    process = _context.Process(target=function, args=arguments, daemon=True)
    process.start()
    return process


class Forked:
    """A script in a forked process, with the habits of subprocess.Popen that tests need."""

    def __init__(self, script, arguments, environment, folder):
        self._said = [Path(folder) / name for name in ("out", "err")]
        self._process = fork(_carry_out, script, arguments, environment, self._said, os.getcwd())
        self.pid = self._process.pid

    @property
    def returncode(self):
        return self._process.exitcode

    def poll(self):
        return self._process.exitcode

    def send_signal(self, number):
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self):
        self._process.kill()

    def communicate(self, timeout=None):
        self._process.join(timeout)
        if self.poll() is None:
            raise subprocess.TimeoutExpired(str(self.pid), timeout)
        return tuple(file.read_text() if file.exists() else "" for file in self._said)


def start(name, arguments, cache, **environment):
    """name: of a file of bin/, or the whole path of another script."""
    environment = {**os.environ, "LATENTSHOT_CACHE": str(cache), **environment}
    folder = tempfile.mkdtemp(prefix="said-", dir=Path(cache).parent)
    return Forked(str(ROOT / "bin" / name), list(map(str, arguments)), environment, folder)


def command(name, arguments, cache):
    code, out, err = finish(start(name, arguments, cache))
    assert code == 0, err[-3000:]
    return out


def lock_progress_bars():
    """By a lock of this process: tqdm's own is shared between processes, which a kill would leave locked."""
    tqdm.set_lock(threading.RLock())


def _carry_out(script, arguments, environment, said, folder):
    for stream, file in enumerate(said, start=1):
        os.dup2(os.open(file, os.O_WRONLY | os.O_CREAT), stream)  # also what C++ says
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    lock_progress_bars()
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = [script, *arguments]
    with nothing_drawn():
        runpy.run_path(script, run_name="__main__")
