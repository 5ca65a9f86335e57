"""How tests kill a command at a moment of their choice."""

import signal
import time

import tensorflow as tf


def saved_epoch(checkpoints):
    """Is there a checkpoint that a resumed run will find? The index is what TensorFlow writes last."""
    return any(checkpoints.glob("epoch-*.index"))


def wait_until(process, condition):
    deadline = time.monotonic() + 200
    while not condition():
        assert process.poll() is None, process.communicate()[1][-3000:]
        assert time.monotonic() < deadline, "the moment to kill at never came"
        time.sleep(0.01)


def kill_when(process, condition):
    wait_until(process, condition)
    process.send_signal(signal.SIGKILL)
    return process.communicate()[0]


def saved_numbers(checkpoints):
    """Every number of the last checkpoint, the optimizer's included."""
    newest = max(checkpoints.glob("epoch-*.index"), key=lambda file: int(file.stem.removeprefix("epoch-")))
    reader = tf.train.load_checkpoint(str(newest.with_suffix("")))
    return {name: reader.get_tensor(name) for name in reader.get_variable_to_shape_map() if "variables" in name}
