"""What a command ends with: one line for what a user can mend, and no end by a letter that a terminal lacks."""

import os
import subprocess
import sys

import numpy as np
import pytest

from latentshot.experiment.command_line import errors_as_messages

PRINTS_AN_ARROW = """
import sys
from latentshot.experiment.command_line import errors_as_messages
with errors_as_messages():
    print("before → after")
    print("before → after", file=sys.stderr)
"""


class OutOfMemory(Exception):
    """As TensorFlow's own classes of errors, which are no MemoryError."""


@pytest.mark.parametrize("error", [MemoryError(), OutOfMemory("OOM when allocating tensor with shape[9]\nsecond line")])
def test_too_little_memory_is_one_line_with_a_way_out(error):
    said = r"^error: there is not enough memory \(.*\): take smaller images"
    with pytest.raises(SystemExit, match=said), errors_as_messages():
        raise error


def test_an_array_that_is_too_large_is_told_with_its_size():
    with pytest.raises(SystemExit, match="Unable to allocate"), errors_as_messages():
        np.empty((2**25, 2**30), np.uint8)


def test_a_defect_is_no_message():
    with pytest.raises(KeyError), errors_as_messages():
        raise KeyError("accuracy")


def test_a_mark_that_a_log_has_no_letter_for_does_not_end_a_command():
    environment = {**os.environ, "PYTHONIOENCODING": "latin-1"}
    done = subprocess.run([sys.executable, "-c", PRINTS_AN_ARROW], env=environment, capture_output=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"before ? after\n", b"before ? after\n")
