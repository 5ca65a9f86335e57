"""Ctrl-C, SIGTERM, and two processes that write one run."""

import os
import signal
import subprocess
import sys

import pytest
from killing import wait_until
from real_commands import finish, start

from latentshot.experiment.run_directory import RunDirectory

WAITS = """
import sys, time
from pathlib import Path
from latentshot.experiment.command_line import errors_as_messages
from latentshot.experiment.run_directory import RunDirectory
from latentshot.training.files import whole_file

folder = Path(sys.argv[1])
with errors_as_messages(resumes=True), RunDirectory(folder).only_writer(), whole_file(folder / "x") as part:
    part.write_text("begun")
    try:
        print("ready", flush=True)
        for _ in range(1000):  # a signal just before a long sleep would be seen after it
            time.sleep(0.1)
    except KeyboardInterrupt:
        raise RuntimeError("as TensorFlow does in its callbacks") from None
"""


@pytest.fixture
def waiting(tmp_path):
    """A process that has begun to write a run."""
    process = subprocess.Popen(
        [sys.executable, "-c", WAITS, str(tmp_path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout
    assert process.stdout.readline() == "ready\n"
    yield process
    process.kill()
    process.communicate()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_is_one_line_and_a_status_and_leaves_no_part_of_a_file(waiting, tmp_path, number):
    waiting.send_signal(number)
    _, said = waiting.communicate(timeout=40)
    assert waiting.returncode == 128 + number
    assert said == "\ninterrupted; continue with --resume\n"
    assert [file.name for file in tmp_path.iterdir()] in ([], [".lock"])


IMPORTS = """
import sys, time
from pathlib import Path

class Waits:
    def find_spec(self, name, *_):
        if name == {module!r}:
            Path({marker!r}).touch()
            for _ in range(1000):
                time.sleep(0.1)
            sys.exit("nobody has interrupted")

sys.meta_path.insert(0, Waits())
"""


@pytest.mark.parametrize(
    ("number", "module", "remedy"),
    [
        (signal.SIGINT, "wrapt", " at the start"),
        (signal.SIGTERM, "tyro", " at the start"),
        (signal.SIGINT, "tensorflow", "; continue with --resume"),
        (signal.SIGTERM, "tensorflow.python.framework.ops", "; continue with --resume"),
    ],
)
def test_an_interruption_of_an_import_is_one_line_and_a_status(tmp_path, cache, monkeypatch, number, module, remedy):
    marker = tmp_path / "marker"
    (tmp_path / "sitecustomize.py").write_text(IMPORTS.format(module=module, marker=str(marker)))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path), prepend=os.pathsep)
    process = start("train_meta.py", ["--run-dir", tmp_path / "run"], cache)
    wait_until(process, marker.exists)
    process.send_signal(number)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 128 + number
    assert said == f"\ninterrupted{remedy}\n"
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("program", ["-c", "latentshot-sweep.py"])
def test_others_than_the_commands_keep_their_handlers(program):
    handlers = "[signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]"
    before = f"import signal, sys; sys.argv = ['{program}']; before = {handlers}"
    shows = f"{before}; import latentshot; print(before == {handlers})"
    assert subprocess.check_output([sys.executable, "-c", shows], text=True) == "True\n"


def test_a_run_has_one_writer_and_a_dead_one_keeps_nothing(waiting, tmp_path):
    directory = RunDirectory(tmp_path)
    for use in (lambda: directory.check({}, resume=True), directory.only_writer().__enter__):
        with pytest.raises(ValueError, match="another process is writing"):
            use()
    waiting.kill()
    waiting.wait()
    assert len(list(tmp_path.glob(".latentshot-part-*-x"))) == 1
    with directory.only_writer():
        directory.start({}, resume=False)
    assert {file.name for file in tmp_path.iterdir()} <= {"config.json", ".lock"}


@pytest.mark.parametrize("argument", ["--list", "--help"])
def test_a_closed_pipe_ends_a_command_without_a_word(cache, argument):
    process = start("reproduce.py", [argument], cache)
    process.stdout.close()
    process.stdout = None
    assert finish(process) == (1, None, "")


FORKS = """
import os, signal, sys
from latentshot.experiment.children import run_child
from latentshot.experiment.command_line import errors_as_messages

os.register_at_fork(before=lambda: os.kill(os.getpid(), signal.SIGTERM))
with errors_as_messages():
    run_child([sys.executable, "-c", "import time; time.sleep(60)"])
"""


def test_a_signal_while_python_forks_a_child_is_not_lost():
    """Python prints and forgets what is raised in its hooks of a fork."""
    done = subprocess.run([sys.executable, "-c", FORKS], capture_output=True, text=True, timeout=50)
    assert done.returncode == 143
    assert done.stderr.strip() == "interrupted"
