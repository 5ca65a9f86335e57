"""A folder of images without classes, from a run to predictions."""

import shutil

import pytest
from real_commands import TINY, call, results

from latentshot.bin import predict, train_meta

pytestmark = pytest.mark.slow


def test_a_run_without_classes_ends_with_its_learner_which_then_classifies(colour_folder, tmp_path, capsys):
    """From a folder of images to predictions on other images, with the table, the CSV and the picture."""
    run, out = tmp_path / "run", tmp_path / "predictions"
    unlabelled = colour_folder / "train" / "2019" / "summer"
    options = ["--dataset", f"folder:{unlabelled}", "--image-size", "28", "--learner", "protonets", "--recipe", "paper"]
    vae = ["--generator-epochs", "1", "--generator-batch-size", "4"]
    call(train_meta.main, [*TINY, *options, *vae, "--run-dir", run])
    assert results(run) == []
    assert {picture.name for picture in (run / "pictures").iterdir()} >= {"task.png", "interpolations.png"}
    folders = ["--support", colour_folder / "test", "--query", shutil.copytree(colour_folder / "test", tmp_path / "q")]
    call(predict.main, [run, *folders, "--out", out])
    said = capsys.readouterr().out
    lines = (out / "predictions.csv").read_text().splitlines()
    assert lines[0] == "file,class,probability,blue,green,red,true class"
    answers = [line.split(",") for line in lines[1:]]
    assert len(answers) == 12
    assert "right: 12 of 12, 100.0 %" in said
    for file, name, probability, *probabilities, true in answers:
        assert true == name
        assert file.startswith(f"{name}/")  # the queries show what the examples do
        assert sum(map(float, probabilities)) == pytest.approx(1, abs=1e-3)
        assert probability == max(probabilities)
        assert file in said
    assert (out / "predictions.png").exists()
