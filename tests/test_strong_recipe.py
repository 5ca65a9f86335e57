"""bin/train_meta.py --recipe strong: SIGKILL and resume, what a row says, and wrong input."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from forked_commands import command, start
from killing import kill_when, saved_epoch, saved_numbers
from real_commands import call, output_of, results

from latentshot.bin import evaluate, predict, train_meta

TINY = ["--iterations", "12", "--checkpoint-every", "2", "--filters", "4", "--n-tasks", "2", "--k-shot", "1"]
TINY += ["--n-query", "2", "--train-n-way", "8", "--image-size", "32", "--n-way", "3", "--calibration-tasks", "4"]
COPIES = ["--learner", "protonets", "--tasks", "augmented", "--augmentation", "ink"]
TINY_NETWORK = ["--iterations", "2", "--checkpoint-every", "2", "--n-tasks", "2", "--k-shot", "1", "--n-query", "2"]
TINY_NETWORK += ["--train-n-way", "4", "--image-size", "32", "--n-way", "3", "--calibration-tasks", "4"]


@pytest.mark.slow
def test_a_run_on_ones_own_photographs_is_strong_and_killed_and_forked_ends_bit_identical(
    tmp_path, colour_folder, cache
):
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


@pytest.mark.slow
def test_a_network_with_weights_goes_from_its_file_by_training_to_predictions(
    mobilenet_weights, tmp_path, colour_folder
):
    weights = Path(shutil.copy(mobilenet_weights, tmp_path))
    network = ["--network", "mobilenet:0.25", "--weights", weights, "--network-side", "48"]
    layers = ["--discriminants", "8", "--neighbours", "3"]
    run = ["--dataset", f"folder:{colour_folder}", *TINY_NETWORK, *network, *layers, "--run-dir", tmp_path / "run"]
    call(train_meta.main, run)
    (row,) = results(tmp_path / "run")
    assert "mobilenet:0.25 (mobilenet.weights.h5) at 48" in row["options"]
    assert "8 discriminants, 3 neighbours" in row["options"]
    weights.unlink()  # the run has weights of its own
    assert f"{row['accuracy']:.2f}" in output_of(evaluate.main, [tmp_path / "run"])
    folders = ["--support", colour_folder / "test", "--query", colour_folder / "test", "--out", tmp_path / "out"]
    call(predict.main, [tmp_path / "run", *folders])
    assert len((tmp_path / "out" / "predictions.csv").read_text().splitlines()) == 1 + 12


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--tasks", "augmented"], "tasks augmented are copies of images: choose an --augmentation"),
        (["--generated-share", "0.5", "--query-shift", "0"], "some images are copies, and nothing changes them"),
        (["--generated-share", "0.5", "--train-k-shot", "2"], "some images are copies, and nothing changes them"),
        (["--network", "mobilenet"], "network mobilenet is for protonets, and the learner is maml"),
        (["--weights", "imagenet"], "weights is for networks of keras.applications: choose one by --network"),
        (["--learner", "protonets", "--network", "nonet"], "keras.applications has no network 'nonet'"),
        (["--learner", "protonets", "--network", "vgg19"], "vgg19 takes images of 32 pixels a side or more, not 28x28"),
        (["--neighbours", "3"], "neighbours is for protonets, and the learner is maml"),
        (["--discriminants", "0"], "discriminants is 0"),
        (
            [*COPIES, "--discriminants", "999", "--iterations", "0"],
            "discriminants is 999, and the network has 256 features",
        ),
        ([*COPIES, "--neighbours", "99999"], "neighbours is 99999, and they are of"),
        (["--generated-share", "0"], "generated_share is 0; it must be above 0 and at most 1"),
        (["--temperature", "0"], "temperature is 0"),
        (
            [*COPIES, "--train-n-way", "99999"],
            "99999-way tasks need as many images; there are 24840: lower the classes",
        ),
        (
            ["--learner", "protonets", "--train-n-way", "99999"],
            "99999-way tasks need as many images; there are 24840: lower the classes",
        ),
        ([*COPIES, "--train-n-way", "3000"], "a step of 4 3000-way tasks of 1 + 5 images a class takes"),
        (["--recipe", "weak"], "invalid choice"),
    ],
)
def test_wrong_input_is_told_in_one_line(here, tmp_path, arguments, message):
    assert message in here(*arguments, "--run-dir", tmp_path / "run")
