"""bin/train_meta.py --recipe strong: SIGKILL and resume, what a row says, and wrong input."""

import json

import numpy as np
import pytest
from killing import kill_when, saved_epoch, saved_numbers
from real_commands import command, results, start

TINY = ["--iterations", "12", "--checkpoint-every", "2", "--filters", "4", "--n-tasks", "2", "--k-shot", "1"]
TINY += ["--n-query", "2", "--train-n-way", "8", "--image-size", "32", "--n-way", "3"]


def test_a_run_on_ones_own_photographs_is_strong_and_killed_ends_bit_identical(tmp_path, colour_folder, cache):
    arguments = ["--dataset", f"folder:{colour_folder}", *TINY, "--run-dir"]
    command("train_meta.py", [*arguments, tmp_path / "whole"], cache)
    process = start("train_meta.py", [*arguments, tmp_path / "killed"], cache)
    kill_when(process, lambda: saved_epoch(tmp_path / "killed" / "checkpoints"))
    assert not (tmp_path / "killed" / "results.json").exists()
    out = command("train_meta.py", [*arguments, tmp_path / "killed", "--resume"], cache)
    assert "meta-training Augmented-ProtoNets: continuing after" in out
    ours, expected = (saved_numbers(tmp_path / run / "checkpoints") for run in ("killed", "whole"))
    assert ours.keys() == expected.keys()
    for name, value in expected.items():
        np.testing.assert_array_equal(ours[name], value, err_msg=name)
    assert results(tmp_path / "killed") == results(tmp_path / "whole")
    (row,) = results(tmp_path / "whole")
    assert "strong recipe" in row["options"]
    config = json.loads((tmp_path / "whole" / "config.json").read_text())["config"]
    assert config["recipe"] == "strong"
    assert config["augmentation"] == "photograph"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--tasks", "augmented"], "tasks augmented are copies of images: choose an --augmentation"),
        (["--generated-share", "0.5", "--query-shift", "0"], "some images are copies, and nothing changes them"),
        (["--network", "mobilenet"], "network mobilenet is for protonets, and the learner is maml"),
        (["--weights", "imagenet"], "weights is for networks of keras.applications: choose one by --network"),
        (["--learner", "protonets", "--network", "nonet"], "keras.applications has no network 'nonet'"),
        (["--learner", "protonets", "--network", "vgg19"], "vgg19 takes images of 3 channels and 32 pixels a side"),
        (["--generated-share", "0"], "generated_share is 0; it must be above 0 and at most 1"),
        (["--temperature", "0"], "temperature is 0"),
        (
            ["--learner", "protonets", "--tasks", "augmented", "--augmentation", "ink", "--train-n-way", "99999"],
            "99999-way tasks need as many images",
        ),
        (["--recipe", "weak"], "invalid choice"),
    ],
)
def test_wrong_input_is_told_in_one_line(here, tmp_path, arguments, message):
    assert message in here(*arguments, "--run-dir", tmp_path / "run")
