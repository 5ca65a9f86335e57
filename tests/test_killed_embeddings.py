"""Runs on an embedding that are killed while it is trained, by each kind of classifier on it."""

import keras
import numpy as np
import pytest
from forked_commands import command, start
from killing import assert_same_run, kill_when
from real_commands import TINY

pytestmark = pytest.mark.soak


@pytest.mark.parametrize(
    ("embedding", "learner"),
    [
        ("vae", ["mlp", "--mlp-steps", "2"]),
        ("acai", ["mlp"]),
        ("bigan", ["knn", "--latent-dim", "4"]),
        ("acai", ["linear"]),
        ("vae", ["cluster-matching", "--n-clusters", "20"]),
        ("bigan", ["maml", "--tasks", "cactus", "--n-clusters", "20", "--n-partitions", "2"]),
    ],
)
def test_a_run_killed_while_its_embedding_is_trained_ends_as_one_that_was_not(
    tmp_path, cache, own_cache, embedding, learner
):
    options = [*TINY, "--k-shot", "1", "--embedding", embedding, "--generator-epochs", "3", "--n-unlabelled", "128"]
    options += ["--learner", *learner, "--generator-batch-size", "16", "--run-dir"]
    command("train_meta.py", [*options, tmp_path / "whole"], cache)
    killed = tmp_path / "killed"
    process = start("train_meta.py", [*options, killed], own_cache)  # a generator that is there would not be trained
    kill_when(process, (killed / "generator-checkpoints" / "epoch-2.index").exists)  # by then epoch-1 is whole
    said = command("train_meta.py", [*options, killed, "--resume"], own_cache)
    assert f"training the {embedding}: continuing after" in said
    assert_same_run(killed, tmp_path / "whole")
    ours, whole = (keras.models.load_model(run / "embedding.keras") for run in (killed, tmp_path / "whole"))
    for weight, expected in zip(ours.get_weights(), whole.get_weights(), strict=True):
        np.testing.assert_array_equal(weight, expected)
    if embedding != "vae":
        assert (killed / "pictures" / "between-images.png").exists()
