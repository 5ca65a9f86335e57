"""SIGKILL and resume of the real command of GLICO."""

import shutil

import h5py
import numpy as np
import tensorflow as tf
from killing import kill_when, saved_epoch
from real_commands import TINY_GLICO, command, results, start

ARGUMENTS = [*TINY_GLICO, "--compare", "glico"]


def numbers(path):
    """Every number of a weights file, by name."""
    found = {}
    with h5py.File(path) as file:
        file.visititems(lambda name, item: found.update({name: item[()]} if isinstance(item, h5py.Dataset) else {}))
    assert len(found) > 20
    return found


def test_a_run_killed_in_both_phases_ends_bit_identical(tmp_path, cache):
    command("train_glico.py", [*ARGUMENTS, "--run-dir", tmp_path / "whole"], cache)
    shutil.rmtree(cache / "glico")  # or the killed run would find its generative model there
    whole, killed = (tmp_path / name for name in ("whole", "killed"))
    sample = killed / "3-per-class" / "seed0"
    arguments = [*ARGUMENTS, "--run-dir", killed]
    kill_when(start("train_glico.py", arguments, cache), lambda: saved_epoch(sample / "checkpoints" / "generator"))
    assert not (sample / "glico.weights.h5").exists()
    process = start("train_glico.py", [*arguments, "--resume"], cache)
    out = kill_when(process, lambda: saved_epoch(sample / "checkpoints" / "glico"))
    assert "codes and the generator: continuing after" in out
    assert not (killed / "results.json").exists()
    out = command("train_glico.py", [*arguments, "--resume"], cache)
    assert "classifier glico: continuing after" in out
    assert results(killed) == results(whole)
    expected = numbers(whole / "3-per-class" / "seed0" / "glico.weights.h5")
    ours = numbers(sample / "glico.weights.h5")
    assert ours.keys() == expected.keys()
    for name, value in expected.items():
        np.testing.assert_array_equal(ours[name], value, err_msg=name)
    images = tf.random.stateless_uniform((5, 16, 16, 1), [0, 0])
    models = [tf.saved_model.load(str(run / "export" / "3-per-class" / "glico")) for run in (killed, whole)]
    np.testing.assert_array_equal(*(model.classify(images).numpy() for model in models))
