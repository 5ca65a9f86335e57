"""A generator is trained with oneDNN's kernels whatever the learner's kernels are, in a process of its own."""

import shutil
import time
from pathlib import Path

import keras
import numpy as np
from forked_commands import command
from killing import kill_when, saved_epoch
from real_commands import TINY, start

# steps enough for a process of its own
GENERATOR = ["--n-unlabelled", "400", "--generator-batch-size", "8", "--generator-epochs", "4", "--latent-dim", "4"]


def test_mamls_generator_is_that_of_the_generators_command_though_the_run_is_killed_while_it_is_trained(
    tmp_path, cache
):
    run, alone, other_cache = tmp_path / "run", tmp_path / "alone", tmp_path / "cache"
    options = [*GENERATOR, *TINY, "--k-shot", "1", "--val-tasks", "0", "--run-dir", run]
    killed = start("train_meta.py", options, cache)
    kill_when(killed, lambda: saved_epoch(run / "generator-checkpoints"))
    deadline = time.monotonic() + 10
    while _processes_of(run):
        assert time.monotonic() < deadline, "the process that trains the generator outlives its run"
    resumed = start("train_meta.py", [*options, "--resume"], cache)
    assert "training the vae: continuing after" in kill_when(resumed, (run / "generator.keras").exists)
    other_cache.mkdir()
    for letters in cache.glob("glyphs*.npz"):  # drawn once; a generator that is there would not be trained
        shutil.copy(letters, other_cache)
    command("train_generator.py", [*GENERATOR, "--run-dir", alone, "--any-generator"], other_cache)
    ours, expected = (keras.saving.load_model(folder / "generator.keras").get_weights() for folder in (run, alone))
    for mine, theirs in zip(ours, expected, strict=True):
        np.testing.assert_array_equal(mine, theirs)


def _processes_of(run):
    """What has the run's folder among its arguments."""
    return [file for file in Path("/proc").glob("[0-9]*/cmdline") if str(run) in _text(file)]


def _text(file):
    try:
        return file.read_text(errors="replace")
    except OSError:  # it has ended meanwhile
        return ""
