"""The command that tunes a classifier: what it leaves, killed and resumed, and what it proposes and gives up."""

import dataclasses
import json
import math
import signal
import sys
from types import SimpleNamespace

import numpy as np
import pytest
from forked_commands import start
from killing import kill_when, saved_epoch, wait_until
from real_commands import output_of

from latentshot.bin import train_glico, tune
from latentshot.glico.experiment import build
from latentshot.glico.experiment.classifier_training import ClassifierTraining
from latentshot.glico.experiment.config import GlicoConfig
from latentshot.glico.experiment.defaults import resolved
from latentshot.glico.tuning.config import TuningConfig

optuna = pytest.importorskip("optuna", reason="Optuna, the extra `tune`, is not installed")

TINY = ["--seeds", "1", "--samples-per-class", "3", "--classifier", "weak-cnn", "--steps", "20"]
SEARCH = [*TINY, "--tune", "lr,weight-decay=0.0001:0.01", "--trials", "3"]


def without_test_images(*arguments, **options):
    """The dataset as it is, but for the images that a search must not see."""
    dataset = build_load(*arguments, **options)
    return dataclasses.replace(dataset, splits={"train": dataset["train"]})


build_load = build.load_dataset


@pytest.fixture(scope="module")
def searched(tmp_path_factory):
    """A whole search, in which there are no test images."""
    run = tmp_path_factory.mktemp("tuning") / "run"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(build, "load_dataset", without_test_images)
        said = output_of(tune.main, [*SEARCH, "--run-dir", run])
    return run, said


def trials(run):
    """The rows of the table, but for how long they took."""
    rows = json.loads((run / "trials.json").read_text())["rows"]
    return [{key: value for key, value in row.items() if key != "minutes"} for row in rows]


def test_a_search_without_test_images_leaves_its_trials_and_the_best_of_them(searched):
    run, said = searched
    rows, best = trials(run), json.loads((run / "best.json").read_text())
    assert [row["trial"] for row in rows] == [1, 2, 3]
    assert (rows[0]["lr"], rows[0]["weight_decay"]) == (0.1, 0.0005)  # as the command is without a search
    assert (rows[1]["lr"], rows[1]["weight_decay"]) == (0.005, 0.005)  # Brigato et al.
    assert 0.001 <= rows[2]["lr"] <= 0.3
    assert 0.0001 <= rows[2]["weight_decay"] <= 0.01
    first, *_ = chosen = sorted(rows, key=lambda row: -row["top1"])
    assert [row.get("bold") for row in chosen] == [["top1"], None, None]
    assert best["options"] == {
        "dataset": "digits", "samples_per_class": [3], "classifier": "weak-cnn", "steps": 20,
        "lr": first["lr"], "weight_decay": first["weight_decay"],
    }  # fmt: skip
    assert (best["top1"], best["trials"], best["ste"]) == (first["top1"], 3, None)
    assert best["gain"] == pytest.approx(first["top1"] - rows[0]["top1"])
    share = best["top1"] / 100
    assert best["top1_error"] == pytest.approx(100 * math.sqrt(share * (1 - share) / best["images"]))
    assert f"**{first['top1']:.2f}**" in said
    for name in ("trials.md", "trials.csv", "trials.png"):
        assert (run / name).stat().st_size
    assert not list(run.glob("trials/*/*/checkpoints"))


@pytest.mark.slow
def test_a_search_that_was_interrupted_and_killed_ends_as_a_whole_one(searched, tmp_path, cache):
    run, _ = searched
    ours = [*SEARCH, "--run-dir", tmp_path / "run", "--resume"]
    process = start("tune.py", ours, cache)
    wait_until(process, lambda: saved_epoch(tmp_path / "run" / "trials" / "002" / "seed0" / "checkpoints" / "baseline"))
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 128 + signal.SIGINT
    assert said.splitlines()[-1].endswith("; continue with --resume")
    assert [row["trial"] for row in trials(tmp_path / "run")] == [1]
    process = start("tune.py", ours, cache)
    kill_when(process, lambda: saved_epoch(tmp_path / "run" / "trials" / "003" / "seed0" / "checkpoints" / "baseline"))
    output_of(tune.main, ours)
    assert trials(tmp_path / "run") == trials(run)
    assert (tmp_path / "run" / "best.json").read_text() == (run / "best.json").read_text()


def test_the_first_trial_has_the_commands_own_steps_and_a_search_does_not_go_on_with_other_weights(
    tmp_path, monkeypatch, here, search
):
    rounded_up = ["--seeds", "1", "--samples-per-class", "3", "--classifier", "weak-cnn", "--steps", "59"]
    arguments = [*rounded_up, "--tune", "steps=10:100", "--trials", "1", "--run-dir", tmp_path / "run"]
    monkeypatch.setattr(search, "weights_fingerprints", lambda config: {"vgg_weights": "1" * 16})
    output_of(tune.main, arguments)
    assert [row["steps"] for row in trials(tmp_path / "run")] == [59]  # of which a training makes 60
    monkeypatch.setattr(search, "weights_fingerprints", lambda config: {"vgg_weights": "2" * 16})
    assert "vgg_weights" in here(*arguments, "--resume", main=tune.main)


def test_the_best_options_are_taken_over_and_those_beside_them_take_precedence(searched, monkeypatch):
    run, _ = searched
    best = json.loads((run / "best.json").read_text())["options"]
    found = []

    def stop(config):
        found.append(resolved(config))
        sys.exit()

    monkeypatch.setattr(train_glico, "resolved", stop)
    with pytest.raises(SystemExit):
        output_of(train_glico.main, ["--options-from", run / "best.json", "--steps", "7", "--compare", "glico"])
    assert found == [
        resolved(
            GlicoConfig(
                samples_per_class=(3,), classifier="weak-cnn", lr=best["lr"], weight_decay=best["weight_decay"],
                steps=7, compare=("glico",), options_from=run / "best.json",
            )
        )
    ]  # fmt: skip


def test_the_generators_batch_stays_and_what_concerns_the_search_alone_is_not_passed_on():
    config = TuningConfig(compare=("glico",), subset_seed=3, budget=0.2, resume=True, seeds=2)
    options = {"dataset": "digits", "samples_per_class": (10,), "budget": 0.2}
    assert config.passed_on == {**options, "generator_batch_size": 64}
    assert dataclasses.replace(config, tune=("lr",)).passed_on == options


def test_a_trial_trains_the_classifier_by_its_own_values(tmp_path, monkeypatch):
    from latentshot.glico.tuning import candidates

    config = resolved(TuningConfig(samples_per_class=(3,), classifier="weak-cnn", steps=20))
    real = candidates.Candidates(config, build.build(config, tmp_path), tmp_path)
    real.prepare(0)
    trained = []
    monkeypatch.setattr(ClassifierTraining, "carry_out", lambda training, folder: trained.append(training))
    tried = [
        {"lr": 0.02, "weight_decay": 0.003, "steps": 15, "batch_size": 9},
        {"lr": 0.2, "weight_decay": 0.0, "steps": 18, "batch_size": 30},
    ]
    for values in tried:
        real.top1(values, 0, tmp_path)
    for values, training in zip(tried, trained, strict=True):
        assert float(training.model.optimizer._learning_rate(0)) == pytest.approx(values["lr"])
        assert training.model.weight_decay == values["weight_decay"]
        assert (training.schedule.steps, training.batch_size) == (values["steps"], values["batch_size"])


class Candidates:
    """Whose accuracies are the learning rate's, or those given by seed; where there is none the training diverges."""

    config, experiment = SimpleNamespace(trials=9), SimpleNamespace(seeds=range(3))

    def __init__(self, scores=None):
        self.scores = scores

    def folder(self, number, values):
        return None

    def prepare(self, seed):
        pass

    def top1(self, values, seed, folder):
        if self.scores is None:
            return 100 * values["lr"]
        if self.scores[seed] is None:
            raise FloatingPointError("no number")
        return self.scores[seed]

    def seconds(self, folder):
        return 60.0


@pytest.fixture
def search():
    from latentshot.glico.tuning import search

    return search


@pytest.fixture
def space():
    from latentshot.glico.tuning.space import Space

    return Space(resolved(TuningConfig(tune=("lr", "batch_size", "steps"))), 100, 64, 40)


def study_of(search, space, n, stops=()):
    """n trials, at some of which the process ends at first."""
    study = optuna.create_study(direction="maximize", pruner=optuna.pruners.MedianPruner())
    for number in range(n):
        if number in stops:
            study.tell(search.next_trial(study, space, 0), state=optuna.trial.TrialState.FAIL)
        try_next(search, study, space, Candidates())
    return study


def try_next(search, study, space, candidates):
    trial = search.next_trial(study, space, 0)
    search.try_out(trial, space.rounded(trial.params), study, candidates)


def test_what_is_proposed_is_a_matter_of_the_seed_and_of_what_finished(search, space):
    proposed = [trial.params for trial in search.finished(study_of(search, space, 13))]
    assert proposed == [trial.params for trial in search.finished(study_of(search, space, 13, stops=(0, 1, 5, 11)))]
    assert proposed[0] == {"lr": 0.1, "batch_size": 40, "steps": 100}
    assert proposed[1] == {"lr": 0.005, "batch_size": 10, "steps": 400}
    for params in proposed:
        assert 0.001 <= params["lr"] <= 0.3
        assert 8 <= params["batch_size"] <= 40
        assert 50 <= params["steps"] <= 400
    assert len({params["lr"] for params in proposed}) == 13


def test_what_is_used_has_three_digits_and_stays_in_its_range():
    from latentshot.glico.tuning.space import Space

    space = Space(resolved(TuningConfig(tune=("lr=0.12341:0.1239", "steps"))), 100, 64, 40)
    used = [space.rounded({"lr": lr, "steps": 1341}) for lr in (0.123412, 0.12389, 0.1239)]
    assert used == [{"lr": 0.12341, "steps": 1341}, *[{"lr": 0.1239, "steps": 1341}] * 2]


def test_hopeless_and_diverging_trials_are_given_up_and_do_not_win(search, space, tmp_path):
    from latentshot.glico.tuning.outcome import write_outcome

    study = optuna.create_study(direction="maximize", pruner=optuna.pruners.MedianPruner())
    scores = [[50.0, 52.0, 54.0], *([60.0 + n, 60.0, 60.0] for n in range(4)), [99.0, None, 99.0], [10.0, 99.0, 99.0]]
    for each in scores:
        try_next(search, study, space, Candidates(each))
    write_outcome(tmp_path, TuningConfig(tune=("lr",)), 100, search.finished(study))
    rows = json.loads((tmp_path / "trials.json").read_text())["rows"]
    assert [row["ended"] for row in rows] == [""] * 5 + ["diverged", "pruned"]
    assert [row["top1_by_seed"] for row in rows] == [*scores[:5], [99.0], [10.0]]
    best = json.loads((tmp_path / "best.json").read_text())
    assert (best["trial"], best["top1"], best["given_up"], best["seeds"]) == (5, 61.0, 2, 3)
    assert best["ste"] == pytest.approx(1.0)  # of 63, 60, 60
    assert best["gain"] == pytest.approx(9.0)  # of 13, 8, 6
    assert best["gain_ste"] == pytest.approx(np.std([13, 8, 6], ddof=1) / 3**0.5)
