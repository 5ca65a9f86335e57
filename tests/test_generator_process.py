"""A generator is trained with oneDNN's kernels whatever the learner's kernels are, in a process of its own."""

import keras
import numpy as np
import pytest
from forked_commands import command
from killing import kill_when, saved_epoch, wait_until_none_has
from real_commands import TINY, start

# steps enough for a process of its own
GENERATOR = ["--n-unlabelled", "400", "--generator-batch-size", "8", "--generator-epochs", "4", "--latent-dim", "4"]


@pytest.mark.slow
def test_mamls_generator_is_that_of_the_generators_command_though_the_run_is_killed_while_it_is_trained(
    tmp_path, cache, own_cache
):
    run, alone = tmp_path / "run", tmp_path / "alone"
    options = [*GENERATOR, *TINY, "--k-shot", "1", "--val-tasks", "0", "--run-dir", run]
    killed = start("train_meta.py", options, cache)
    kill_when(killed, lambda: saved_epoch(run / "generator-checkpoints"))
    wait_until_none_has(run)  # not even the process that trains the generator
    resumed = start("train_meta.py", [*options, "--resume"], cache)
    assert "training the vae: continuing after" in kill_when(resumed, (run / "generator.keras").exists)
    command("train_generator.py", [*GENERATOR, "--run-dir", alone, "--any-generator"], own_cache)
    ours, expected = (keras.saving.load_model(folder / "generator.keras").get_weights() for folder in (run, alone))
    for mine, theirs in zip(ours, expected, strict=True):
        np.testing.assert_array_equal(mine, theirs)
