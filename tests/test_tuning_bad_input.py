"""What the command that tunes a classifier says to wrong options and damaged files."""

import dataclasses
import json
import sys

import pytest

from latentshot.bin import train_glico, tune
from latentshot.experiment.command_line import parse
from latentshot.experiment.run_directory import RunDirectory
from latentshot.glico.experiment.config import GlicoConfig
from latentshot.glico.experiment.defaults import resolved
from latentshot.glico.experiment.stored_options import options_from_the_command_line
from latentshot.glico.tuning.config import TuningConfig

pytest.importorskip("optuna", reason="Optuna, the extra `tune`, is not installed")

TINY = ["--seeds", "1", "--samples-per-class", "3", "--classifier", "weak-cnn", "--steps", "20"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["--tune", "lr,colour"],
            "there is no option 'colour' to tune: choose among lr, weight_decay, steps, batch_size",
        ),
        (["--tune", "lr,lr=0.1:0.2"], "tune names lr twice"),
        (["--tune", "lr=0.1"], "'lr=0.1' is no range to tune in: write NAME=LEAST:MOST with two numbers"),
        (["--tune", "steps=1.5:7"], "write NAME=LEAST:MOST with two whole numbers"),
        (["--tune", "lr=0.3:0.1"], "it must begin above 0 and end above its beginning"),
        (["--tune", "batch_size=8:31"], "batch_size is to be tuned up to 31; the sample has 30 images"),
        (["--compare", "mixmatch"], "without lr and weight_decay to tune: --tune steps,batch_size"),
        (["--trials", "0"], "trials is 0; it must be 1 or more"),
        (["--split", "test"], "split is test; options are chosen on validation images"),
        (["--compare", "baseline,glico"], "compare names 2 rows; give one"),
        (["--samples-per-class", "3,5"], "samples_per_class has 2 numbers; give one"),
        (["--options-from", "nowhere.json"], "nowhere.json cannot be read"),
    ],
)
def test_what_cannot_be_tuned_is_told_before_anything_is_written(tmp_path, here, arguments, message):
    said = here(*TINY, *arguments, "--run-dir", tmp_path / "run", main=tune.main)
    assert message in said
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("options", "remedy"),
    [
        ({"tune": ("lr=0.2:0.5", "steps")}, "by --tune lr=0.002:0.2,steps"),
        ({"tune": ("lr", "steps")}, "by --tune lr=1e-05:0.001,steps"),
        ({"tune": ("steps",), "lr": 5.0}, "with an --lr below 5"),
        ({"tune": ("steps",), "compare": ("mixmatch",)}, "with a --guess-weight below 75"),
        ({"tune": ("steps",), "compare": ("mixmatch",), "guess_weight": 0.0}, "with other --steps"),
    ],
)
def test_a_search_without_a_result_names_what_would_change_it(options, remedy, tmp_path, monkeypatch):
    from latentshot.glico.tuning import search

    monkeypatch.setattr(search.Candidates, "top1", _diverge)
    config = TuningConfig(**{"compare": ("baseline",), **options}, samples_per_class=(3,), seeds=1, trials=1)
    with pytest.raises(ValueError, match="no trial came through all seeds: search again") as told:
        search.search(dataclasses.replace(config, run_dir=tmp_path / "run"))
    assert str(told.value).endswith(remedy)


def _diverge(*_):
    raise FloatingPointError


def test_a_missing_library_names_the_extra(here, monkeypatch):
    monkeypatch.setitem(sys.modules, "optuna", None)
    assert "pip install 'latentshot[tune]'" in here(*TINY, main=tune.main)


def test_an_option_without_effect_on_the_search_is_told(here, monkeypatch):
    monkeypatch.setitem(sys.modules, "optuna", None)
    said = here(*TINY, "--compare", "baseline", "--gamma", "3", main=tune.main)
    assert "note: --gamma has no effect here: it takes --compare glico" in said


def test_a_damaged_study_and_options_of_another_search_are_told(tmp_path, here):
    run = tmp_path / "run"
    config = TuningConfig(tune=("lr",), run_dir=run)
    RunDirectory(run).start(resolved(config).identity, resume=False)
    (run / "study.db").write_bytes(b"no database" * 1000)
    ours = ["--tune", "lr", "--run-dir", run]
    assert "study.db cannot be used (file is not a database): restore it" in here(*ours, "--resume", main=tune.main)
    assert "continue it with --resume" in here(*ours, main=tune.main)
    said = here(*ours, "--tune", "lr,steps", "--resume", main=tune.main)
    assert "tune was ['lr'] and is ['lr', 'steps']" in said


def test_stored_options_may_need_one_that_stands_beside_them(tmp_path, here, monkeypatch):
    file = tmp_path / "best.json"
    file.write_text(json.dumps({"options": {"guess_weight": 50.0}}))
    monkeypatch.setattr(sys, "argv", ["train_glico", "--options-from", str(file), "--compare", "mixmatch"])
    config = parse(GlicoConfig, None, options_from_the_command_line())
    assert (config.compare, config.guess_weight) == (("mixmatch",), 50.0)
    assert "guess_weight is for --compare mixmatch" in here("--options-from", file, main=train_glico.main)


@pytest.mark.parametrize(
    ("stored", "message"),
    [
        ([], "is damaged"),
        ({"lr": 0.1}, "has no options"),
        ({"options": {"lr": "fast"}}, "has lr 'fast' among its options: it"),
        ({"options": {"samples_per_class": 3}}, "has samples_per_class 3 among its options: it"),
        ({"options": {"colour": 1}}, "has 'colour' among its options, which bin/train_glico"),
    ],
)
def test_a_file_that_has_no_options_is_told(tmp_path, here, stored, message):
    (tmp_path / "best.json").write_text(json.dumps(stored))
    assert message in here("--options-from", tmp_path / "best.json", main=train_glico.main)
