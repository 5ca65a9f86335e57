"""SIGKILL, SIGTERM and SIGINT at drawn moments of the real commands: once each here, for hours in soak.py."""

import random

import pytest
from stops import COMMANDS, Stopped

pytestmark = pytest.mark.soak


@pytest.mark.parametrize("name", ["lasium", "glico"])
def test_a_run_stopped_by_each_signal_ends_bit_identical(tmp_path, own_cache, name):
    Stopped(*COMMANDS[name], tmp_path, own_cache).survives(random.Random(0), n_each=1)
