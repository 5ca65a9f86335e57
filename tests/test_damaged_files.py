"""Every file of a run, a cache and an export, damaged in every way: the right result, or one line that names it.

The files are found by listing the folders of real runs, so that a new one is covered the day it appears. Every attack
is a subtest: one that succeeds hides no other, and pytest counts them.
"""

import os
import shutil

import numpy as np
import pytest
from conftest import with_letters_alone
from damage import KINDS, assert_told, copy_of, damage, files_of, kinds_for, run, together
from made_images import save_images
from real_commands import results

from latentshot.bin import evaluate, predict, report, train_glico, train_meta
from latentshot.datasets import load_dataset
from latentshot.estimators.load import load_learner
from latentshot.models.generator import load_generator

pytestmark = pytest.mark.slow
TINY = [
    *("--dataset", "glyphs", "--recipe", "paper", "--learner", "protonets", "--filters", "4", "--n-unlabelled", "40"),
    *("--generator-epochs", "1", "--generator-batch-size", "20", "--iterations", "2", "--checkpoint-every", "1"),
    *("--meta-batch-size", "1", "--val-tasks", "0", "--n-tasks", "2", "--k-shot", "1"),
    *("--any-generator", "--calibration-tasks", "4"),
]
TINY_GLICO = [
    *("--dataset", "digits", "--compare", "glico", "--seeds", "1", "--samples-per-class", "2", "--classifier"),
    *("weak-cnn", "--budget", "0.0005"),
]
NEEDED = ("config.json", "results.json", "learner.weights.h5", "calibration.json")  # by an evaluation
WRITTEN_ONLY = ("pictures/", "logs/", "export/", "learner.weights.h5", "SHA256SUMS")  # by a run that goes on


@pytest.fixture(scope="module")
def own_cache(tmp_path_factory, cache):
    """Of all tests here."""
    return with_letters_alone(cache, tmp_path_factory.mktemp("own") / "cache")


@pytest.fixture(scope="module")
def finished(tmp_path_factory, own_cache):
    place = tmp_path_factory.mktemp("finished")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LATENTSHOT_CACHE", str(own_cache))
        assert run(train_meta.main, *TINY, "--run-dir", place / "run") is None
    return place / "run"


@pytest.fixture(scope="module")
def query(tmp_path_factory):
    folder = tmp_path_factory.mktemp("images")
    for number, name in enumerate("ab"):
        save_images(folder / name, 1, (28, 28), seed=number)
    return folder


@pytest.fixture
def quick(monkeypatch):
    """Without what is only written, which takes the longest."""
    for name in ("save_interpolations", "save_task", "save_curves"):
        monkeypatch.setattr(f"latentshot.lasium.experiment.meta_training.{name}", lambda *_: None)
    monkeypatch.setattr("latentshot.lasium.experiment.generator_training.save_curves", lambda *_: None)
    for name in ("save_results", "save_task", "save_findings", "write_report"):
        monkeypatch.setattr(f"latentshot.lasium.experiment.run.{name}", lambda *_: None)
    monkeypatch.setattr("latentshot.lasium.learners.protonets.ProtoNets.export", lambda self, path: path.mkdir(0o755))


def named(copy, name):
    """What a message may name: the file, for one of several its folder, and where a run is none any more the run."""
    folder = (copy / name).parent
    return [name, *[str(folder)] * (folder != copy or name in ("config.json", "results.json"))]


def attacks(folder, leave_out=(), in_every_way=None):
    """in_every_way: the files that are damaged so; default: all."""
    names = [name for name in files_of(folder) if not name.startswith(leave_out)]
    whole = names if in_every_way is None else in_every_way
    return [(name, kind) for i, name in enumerate(names) for kind in (KINDS if name in whole else kinds_for(i))]


def test_a_finished_run_goes_on_and_is_reported_with_any_file_damaged(finished, tmp_path, capsys, subtests):
    read = ("config.json", "results.json", "report.html")
    for number, (name, kind) in enumerate(attacks(finished, in_every_way=read)):
        copy = copy_of(finished, tmp_path / "run")
        damage(copy / name, kind, number)
        capsys.readouterr()
        with subtests.test(f"{name} {kind}"):
            if name == "config.json" or (name == "results.json" and kind != "removed"):
                assert_told(run(train_meta.main, *TINY, "--run-dir", copy, "--resume"), *named(copy, name))
                assert run(report.main, finished, copy) is None  # the other run is shown
                assert str(copy) in capsys.readouterr().err
            elif name != "results.json":
                assert run(train_meta.main, *TINY, "--run-dir", copy, "--resume") is None
                assert results(copy) == results(finished)


@pytest.mark.usefixtures("unexported")
def test_an_evaluation_of_a_damaged_run_is_right_or_told(finished, tmp_path, subtests):
    yardsticks, latents = {row["method"] for row in results(finished)[0]["yardsticks"]}, "Nearest mean of latents"
    assert latents in yardsticks
    not_read = ("pictures/", "logs/", "export/", "checkpoints/", "generator-checkpoints/")
    for number, (name, kind) in enumerate(attacks(finished, leave_out=not_read, in_every_way=NEEDED)):
        copy = copy_of(finished, tmp_path / "run")
        damage(copy / name, kind, number)
        with subtests.test(f"{name} {kind}"):
            said = run(evaluate.main, copy)
            if said is None and name == "generator.keras":  # which only a yardstick needs
                assert {row["method"] for row in results(copy)[0]["yardsticks"]} == yardsticks - {latents}
            elif said is None:
                assert results(copy) == results(finished)
            else:
                assert_told(said, *named(copy, name))
            assert said is not None or name not in NEEDED, (name, kind)


def test_predictions_of_a_damaged_export_are_right_or_told(finished, query, tmp_path, subtests):
    arguments = ["--support", query, "--query", query, "--out"]
    assert run(predict.main, finished, *arguments, tmp_path / "whole") is None
    for number, (name, kind) in enumerate(attacks(finished / "export", in_every_way=("SHA256SUMS",))):
        copy = copy_of(finished / "export", tmp_path / "export")
        damage(copy / name, kind, number)
        with subtests.test(f"{name} {kind}"):
            said = run(predict.main, copy, *arguments, tmp_path / "out")
            if said is None:
                csvs = [(tmp_path / out / "predictions.csv").read_text() for out in ("whole", "out")]
                assert csvs[0] == csvs[1]
            else:
                assert_told(said, str(copy))


def unfinished(folder, place):
    copy = copy_of(folder, place)
    (copy / "results.json").rename(copy / "results.partial.json")
    return copy


@pytest.mark.usefixtures("quick")
def test_an_unfinished_run_goes_on_from_damaged_files_or_tells(finished, tmp_path, subtests):
    names = files_of(unfinished(finished, tmp_path / "run"))
    read = [name for name in names if not name.startswith(WRITTEN_ONLY)]
    for number, group in enumerate(together(read)):
        for kind in kinds_for(number):
            copy = unfinished(finished, tmp_path / "run")
            for name in group:
                damage(copy / name, kind, number)
            with subtests.test(f"{', '.join(group)} {kind}"):
                _resumes(copy, finished, group[0])
    for kind in kinds_for(0):
        copy = unfinished(finished, tmp_path / "run")
        for name in set(names) - set(read):
            damage(copy / name, kind)
        with subtests.test(f"all that is only written {kind}"):
            _resumes(copy, finished, "")


def test_a_run_is_neither_resumed_nor_evaluated_on_other_images(finished, tmp_path, monkeypatch):
    glyphs = load_dataset("glyphs", n_unlabelled=40)
    glyphs["test"].images[0] ^= 1
    monkeypatch.setattr("latentshot.lasium.experiment.build.load_dataset", lambda *_: glyphs)
    copy = unfinished(finished, tmp_path / "run")
    assert_told(run(train_meta.main, *TINY, "--run-dir", copy, "--resume"), "was started with other data (test was")
    assert_told(run(evaluate.main, finished), "was started with other data (test was")


def _resumes(copy, finished, name):
    shutil.rmtree(copy / "export")
    said = run(train_meta.main, *TINY, "--run-dir", copy, "--resume")
    if said is None:
        assert results(copy) == results(finished)
    else:
        assert name, said
        assert_told(said, *named(copy, name))


@pytest.mark.usefixtures("quick")
def test_damaged_files_of_the_cache_are_made_again(finished, own_cache, tmp_path, monkeypatch, subtests):
    drawn = [name for name in files_of(own_cache) if name.endswith(".npz")]
    if "EVERY_DAMAGE" not in os.environ:  # to draw all letters takes half a minute
        with np.load(own_cache / drawn[0]) as file:
            letters = {name: file[name] for name in ("images", "labels", "class_names")}
        monkeypatch.setattr("latentshot.datasets.glyphs._draw_all", lambda seed: letters)
    for number, (name, kind) in enumerate(attacks(own_cache, in_every_way=drawn)):
        if name in drawn and kind not in ("bytes flipped", "of another form"):
            continue  # to draw all letters takes a while
        cache = copy_of(own_cache, tmp_path / "cache")
        monkeypatch.setenv("LATENTSHOT_CACHE", str(cache))
        damage(cache / name, kind, number)
        copy = unfinished(finished, tmp_path / "run")
        (copy / "generator.keras").unlink()
        with subtests.test(f"{name} {kind}"):
            _resumes(copy, finished, "")
            assert (copy / "generator.keras").read_bytes()[:2] == b"PK"
            for generator in cache.glob("**/*.keras"):  # the next run finds it whole
                load_generator(generator)


@pytest.mark.usefixtures("undrawn")
def test_a_run_of_glico_goes_on_from_damaged_files_or_tells(tmp_path, monkeypatch, subtests):
    monkeypatch.setenv("LATENTSHOT_CACHE", str(tmp_path / "cache"))
    whole = tmp_path / "whole"
    assert run(train_glico.main, *TINY_GLICO, "--run-dir", whole) is None
    _an_export_of_glico_is_right_or_told(whole / "export", tmp_path, subtests)
    monkeypatch.setattr(
        "latentshot.glico.experiment.run.export", lambda path, *_: path.mkdir(parents=True, exist_ok=True)
    )
    for place in ("cache", "whole"):
        names = [name for name in files_of(tmp_path / place) if not ("pictures" in name or "logs" in name)]
        for number, group in enumerate(together(name for name in names if "export" not in name)):
            for kind in kinds_for(number + 1):
                copy = copy_of(whole, tmp_path / "copy")
                own_cache = copy_of(tmp_path / "cache", tmp_path / "damaged-cache")
                monkeypatch.setenv("LATENTSHOT_CACHE", str(own_cache))
                if group != ["results.json"]:
                    (copy / "results.json").unlink()
                if place == "cache":
                    (copy / "2-per-class" / "seed0" / "glico.json").unlink()
                for name in group:
                    damage((own_cache if place == "cache" else copy) / name, kind, number)
                with subtests.test(f"{place}/{', '.join(group)} {kind}"):
                    said = run(train_glico.main, *TINY_GLICO, "--run-dir", copy, "--resume")
                    if said is None:
                        assert results(copy) == results(whole)
                    else:
                        assert_told(said, *named(copy, name))


def _an_export_of_glico_is_right_or_told(export, tmp_path, subtests):
    images = np.random.default_rng(0).random((3, 16, 16, 1), np.float32)
    expected = load_learner(export).predict_proba(images)
    for number, (name, kind) in enumerate(attacks(export, in_every_way=("SHA256SUMS",))):
        copy = copy_of(export, tmp_path / "export")
        damage(copy / name, kind, number)
        with subtests.test(f"{name} {kind}"):
            try:
                np.testing.assert_array_equal(load_learner(copy).predict_proba(images), expected)
            except ValueError as error:
                assert_told(f"error: {error}", str(copy))
