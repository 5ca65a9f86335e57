"""SIGKILL and resume of the real command."""

import json
import shutil

import numpy as np
from killing import kill_when, saved_epoch, saved_numbers
from real_commands import TINY, command, results, start

from latentshot.datasets import load_dataset


def weights(run):
    found = saved_numbers(run / "checkpoints")
    assert len(found) > 40  # 18 trained weights, 8 moving statistics, and two moments of Adam for each trained one
    return found


def test_a_run_killed_in_the_generator_and_in_meta_training_ends_bit_identical(tmp_path, cache):
    vae = ["--n-unlabelled", "600", "--generator-epochs", "5", "--generator-batch-size", "100"]

    def arguments(run):
        return [*TINY, *vae, "--k-shot", "1", "--run-dir", tmp_path / run]

    load_dataset("glyphs")
    own_cache = tmp_path / "cache"
    own_cache.mkdir()
    for drawings in cache.glob("glyphs*.npz"):
        shutil.copy(drawings, own_cache)
    command("train_meta.py", arguments("whole"), own_cache)
    shutil.rmtree(own_cache / "generators")  # or the killed run would find its generator there
    killed = tmp_path / "killed"
    process = start("train_meta.py", arguments("killed"), own_cache)
    kill_when(process, lambda: saved_epoch(killed / "generator-checkpoints"))
    assert not (killed / "generator.keras").exists()
    process = start("train_meta.py", [*arguments("killed"), "--resume"], own_cache)
    out = kill_when(process, lambda: saved_epoch(killed / "checkpoints"))
    assert "training the vae: continuing after" in out
    assert not (killed / "results.json").exists()
    out = command("train_meta.py", [*arguments("killed"), "--resume"], own_cache)
    assert "meta-training LASIUM-RO-VAE-MAML: continuing after" in out
    ours, expected = weights(killed), weights(tmp_path / "whole")
    assert ours.keys() == expected.keys()
    for name, value in expected.items():
        np.testing.assert_array_equal(ours[name], value, err_msg=name)
    assert results(killed) == results(tmp_path / "whole")
    histories = [json.loads((run / "checkpoints" / "history.json").read_text()) for run in (killed, tmp_path / "whole")]
    assert histories[0] == histories[1]
