"""SIGKILL, SIGTERM and SIGINT to a real command. (`make soak` sends them at random moments for hours, GLICO's too.)"""

import random
import signal
import time

from killing import saved_epoch, wait_until
from soak import Victim

from latentshot.datasets import load_dataset


def test_a_run_stopped_in_the_generator_in_meta_training_and_anywhere_ends_bit_identical(tmp_path, cache):
    load_dataset("glyphs")
    victim = Victim("train_meta.py", tmp_path, cache)
    stopped = victim.folder / "stopped"

    def generator_saved(process):
        wait_until(process, lambda: saved_epoch(stopped / "generator-checkpoints"))

    def learner_saved(process):
        wait_until(process, lambda: saved_epoch(stopped / "checkpoints"))

    assert victim.stop(signal.SIGKILL, generator_saved, resume=False)
    assert not (stopped / "generator.keras").exists()
    assert victim.stop(signal.SIGTERM, learner_saved, resume=True)
    assert not (stopped / "results.json").exists()
    victim.stop(signal.SIGINT, lambda _: time.sleep(random.Random(0).uniform(0, victim.seconds / 2)), resume=True)
    victim.end()
