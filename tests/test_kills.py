"""SIGKILL, SIGTERM and SIGINT at random moments of a real command. (`make soak` does so for hours, to GLICO's too.)"""

import random

from soak import Victim

from latentshot.datasets import load_dataset


def test_a_command_that_is_stopped_at_random_moments_ends_bit_identical(tmp_path, cache):
    load_dataset("glyphs")
    assert Victim("train_meta.py", tmp_path, cache).survives(random.Random(1), n_kills=3) >= 1
