"""SIGKILL, SIGTERM and SIGINT at drawn moments of the real commands: once each here, for hours in soak.py."""

import random
import shutil

import pytest
from stops import COMMANDS, Stopped

from latentshot.datasets import load_dataset

pytestmark = pytest.mark.soak


@pytest.mark.parametrize("name", ["lasium", "glico"])
def test_a_run_stopped_by_each_signal_ends_bit_identical(tmp_path, cache, name):
    load_dataset("glyphs")
    drawn = tmp_path / "drawn"
    drawn.mkdir()
    for letters in cache.glob("glyphs*.npz"):  # drawn once; a generator that is there would not be trained
        shutil.copy(letters, drawn)
    Stopped(*COMMANDS[name], tmp_path, drawn).survives(random.Random(0), n_each=1)
