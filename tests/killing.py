"""How tests kill a command at a moment of their choice, and what a run that was stopped must be equal to."""

import signal
import time
from pathlib import Path

import h5py
import numpy as np
import tensorflow as tf
from real_commands import results


def saved_epoch(checkpoints):
    """Is there a checkpoint that a resumed run will find? The index is what TensorFlow writes last."""
    return any(checkpoints.glob("epoch-*.index"))


def wait_until(process, condition):
    deadline = time.monotonic() + 200
    while not condition():
        assert process.poll() is None, process.communicate()[1][-3000:]
        assert time.monotonic() < deadline, "the moment to kill at never came"
        time.sleep(0.01)


def wait_for_handlers(process):
    """Until the command has taken over SIGTERM, which it does at once, before the long imports; or has ended."""
    mask = 1 << (signal.SIGTERM - 1)
    status = Path(f"/proc/{process.pid}/status")
    while process.poll() is None and status.exists():
        caught = [line for line in status.read_text().splitlines() if line.startswith("SigCgt:")]
        if int(caught[0].split()[1], 16) & mask:
            return
        time.sleep(0.001)


def commands_with(word):
    """The files of the processes that have the word in their arguments."""
    return [file for file in Path("/proc").glob("[0-9]*/cmdline") if str(word) in _text(file)]


def wait_until_none_has(word):
    """Until no process has the word in its arguments."""
    deadline = time.monotonic() + 60
    while left := commands_with(word):
        assert time.monotonic() < deadline, f"{left} are still there"
        time.sleep(0.01)


def _text(file):
    try:
        return file.read_text(errors="replace")
    except OSError:  # it has ended meanwhile
        return ""


def kill_when(process, condition):
    wait_until(process, condition)
    process.send_signal(signal.SIGKILL)
    return process.communicate()[0]


def assert_told(status, said, which):
    """A stop by that signal ends with its status, and all but SIGKILL with one line; nothing ends in a traceback."""
    assert "Traceback" not in said, said[-3000:]
    assert status == (-which if which == signal.SIGKILL else 128 + which), f"{status}: {said[-3000:]}"
    assert which == signal.SIGKILL or said.splitlines()[-1].startswith("interrupted"), said[-3000:]


def assert_same_run(ours, whole):
    """The same rows, and the same bits in weights, checkpoints, histories and exports; and nothing half-written."""
    assert results(ours) == results(whole)
    for file in whole.rglob("*.weights.h5"):
        _assert_equal(_numbers(ours / file.relative_to(whole)), _numbers(file))
    for index in whole.rglob("variables.index"):
        copy = ours / index.relative_to(whole)
        _assert_equal(_tensors(copy.with_suffix("")), _tensors(index.with_suffix("")))
    for folder in {file.parent for file in whole.rglob("epoch-*.index")}:
        copy = ours / folder.relative_to(whole)
        _assert_equal(saved_numbers(copy), saved_numbers(folder))
        assert (copy / "history.json").read_text() == (folder / "history.json").read_text()
    assert [file for file in ours.rglob("*") if "part-" in file.name] == []


def saved_numbers(checkpoints):
    """Every number of the last checkpoint, the optimizer's included."""
    newest = max(checkpoints.glob("epoch-*.index"), key=lambda file: int(file.stem.removeprefix("epoch-")))
    return _tensors(newest.with_suffix(""))


def _tensors(prefix):
    """Of a checkpoint or an export, whose other entries come in no fixed order."""
    reader = tf.train.load_checkpoint(str(prefix))
    names = [name for name in reader.get_variable_to_shape_map() if name.startswith("variables/")]
    assert names
    return {name: reader.get_tensor(name) for name in names}


def _numbers(path):
    found = {}
    with h5py.File(path) as file:
        file.visititems(lambda name, item: found.update({name: item[()]} if isinstance(item, h5py.Dataset) else {}))
    assert found
    return found


def _assert_equal(ours, expected):
    assert ours.keys() == expected.keys()
    for name, value in expected.items():
        np.testing.assert_array_equal(ours[name], value, err_msg=name)
