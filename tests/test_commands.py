"""The commands, on budgets of seconds, most of them in this process."""

import json
import shutil
import subprocess
import sys

import keras
import numpy as np
import pytest
import real_commands
import tensorflow as tf
from forked_commands import command, start
from real_commands import TINY, call, finish, output_of, results
from report_pages import Page

from latentshot.bin import evaluate, report, train_generator, train_meta
from latentshot.experiment.paired import mean_interval
from latentshot.experiment.run_directory import RunDirectory
from latentshot.experiment.task_scores import load_scores

CALIBRATED = [*TINY, "--calibration-tasks", "4"]


@pytest.fixture(scope="module")
def generator_file(tmp_path_factory):
    """A small third-party generator of 28x28 images."""
    keras.utils.set_random_seed(0)
    latents = keras.Input((4,))
    images = keras.layers.Reshape((28, 28, 1))(keras.layers.Dense(784, activation="sigmoid")(latents))
    path = tmp_path_factory.mktemp("generator") / "theirs.keras"
    keras.Model(latents, images).save(path)
    return path


@pytest.fixture(scope="module")
def finished_run(generator_file, tmp_path_factory):
    run = tmp_path_factory.mktemp("runs") / "maml"
    return run, output_of(train_meta.main, [*CALIBRATED, "--generator", generator_file, "--run-dir", run])


def test_a_run_leaves_its_configuration_results_pictures_logs_and_export(finished_run):
    run, out = finished_run
    assert "tasks are computed " in out
    rows = results(run)
    assert [(row["method"], row["k_shot"]) for row in rows] == [
        ("LASIUM-RO-theirs-MAML", 1),
        ("LASIUM-RO-theirs-MAML", 2),
    ]
    for row in rows:
        assert {"dataset", "n_way", "n_tasks", "accuracy", "ci95"} <= row.keys()
        assert 0 <= row["accuracy"] <= 100
        assert {"auroc", "open_accuracy", "false_alarms", "ece_raw", "ece"} <= row.keys()
        assert f"{row['accuracy']:.2f} ± {row['ci95']:.2f}" in out
    assert json.loads((run / "config.json").read_text())["config"]["alpha"] == 0.2
    pictures = {picture.name for picture in (run / "pictures").iterdir()}
    assert pictures == {
        *("generator.png", "task.png", "real-task.png", "interpolations.png", "curves.png", "results.png"),
    }
    page = Page(run / "report.html")
    assert {"Results", "Tasks", "Meta-training", "The hardest tasks", "To repeat it"} <= set(page.headings)
    assert all(f"{row['accuracy']:.2f}" in page.text for row in rows)
    assert list((run / "logs" / "meta").rglob("events.out.tfevents*"))


def test_the_export_needs_only_tensorflow_and_answers_as_the_run(finished_run, tmp_path):
    run, _ = finished_run
    rng = np.random.default_rng(0)
    support, queries = (rng.random((n, 28, 28, 1), dtype=np.float32) for n in (15, 7))
    labels = np.arange(5, dtype=np.int32).repeat(3)
    np.savez(tmp_path / "task.npz", support=support, labels=labels, queries=queries)
    code = """
import sys, numpy, tensorflow as tf
task = numpy.load(sys.argv[2])
model = tf.saved_model.load(sys.argv[1])
answer = model.adapt_and_predict(task["support"], task["labels"], task["queries"])
assert "latentshot" not in sys.modules
numpy.save(sys.argv[3], answer)
"""
    files = [str(run / "export"), str(tmp_path / "task.npz"), str(tmp_path / "answer.npy")]
    subprocess.run([sys.executable, "-c", code, *files], check=True, cwd=tmp_path)
    from latentshot.lasium.experiment.load_learner import load_learner

    expected = load_learner(run, (28, 28, 1)).adapt_and_predict(*map(tf.constant, (support, labels, queries)))
    np.testing.assert_allclose(np.load(tmp_path / "answer.npy"), expected, atol=1e-5)


def test_a_finished_run_is_evaluated_again_as_it_was_and_on_other_shots(finished_run, here):
    run, _ = finished_run
    before = results(run)
    call(evaluate.main, [run, "--k-shot", "1,3"])
    after = results(run)
    assert [row["k_shot"] for row in after] == [1, 2, 3]
    said = here(run, "--k-shot", "1,6", main=evaluate.main)
    assert said.startswith("error: ")  # which is exit status 1
    assert "with 21 images each; the test split has 250 classes" in said
    assert results(run) == after
    assert after[0] == before[0]  # the same tasks, the same weights: the same row, in its place


def test_a_finished_run_is_evaluated_on_another_split_and_on_other_queries_and_tasks(finished_run, tmp_path):
    run = shutil.copytree(finished_run[0], tmp_path / "run")
    call(evaluate.main, [run, "--k-shot", "1", "--split", "validation", "--n-query", "3", "--n-tasks", "4"])
    (row,) = (row for row in results(run) if row["split"] == "validation")
    assert (row["k_shot"], row["n_query"], row["n_tasks"]) == (1, 3, 4)
    (scores,) = (each for each in load_scores(run / "task-scores.json") if each.tasks["split"] == "validation")
    assert (scores.n_queries, len(scores.right)) == (5 * 3, 4)
    assert scores.tasks["images"] == RunDirectory(run).data()["validation"]


@pytest.mark.usefixtures("unexported")
def test_a_run_knows_its_own_images_under_another_name_and_needs_no_unlabelled_ones_of_others(tmp_path, colour_folder):
    mine, renamed, run = tmp_path / "mine", tmp_path / "renamed", tmp_path / "run"
    shutil.copytree(colour_folder, mine)
    tasks = ["--n-way", "2", "--n-query", "1", "--n-tasks", "2", "--k-shot", "1", "--n-unlabelled", "12"]
    options = [
        "--recipe",
        "paper",
        "--learner",
        "protonets",
        "--iterations",
        "0",
        "--filters",
        "4",
        "--image-size",
        "16",
    ]
    call(train_meta.main, ["--dataset", f"folder:{mine}", *options, *tasks, "--run-dir", run])
    before = results(run)
    mine.rename(renamed)
    call(evaluate.main, [run, "--dataset", f"folder:{renamed}"])
    assert results(run) == before
    for folder in (renamed / "train", renamed / "test" / "red"):
        next(file for file in folder.iterdir() if file.is_file()).unlink()
    call(evaluate.main, [run, "--dataset", f"folder:{renamed}"])
    assert [row["dataset"] for row in results(run)] == ["mine", "renamed"]


@pytest.mark.usefixtures("unexported")
def test_a_run_killed_between_two_evaluations_keeps_the_first_and_needs_the_generator_s_file_no_longer(
    finished_run, generator_file, tmp_path
):
    run, _ = finished_run
    assert (run / "generator.keras").read_bytes() == generator_file.read_bytes()
    killed = tmp_path / "killed"
    shutil.copytree(run, killed)
    (killed / "results.json").unlink()
    first, second = (row for row in json.loads((run / "results.json").read_text()) if row["k_shot"] < 3)
    expected, first["accuracy"] = second["accuracy"], 12.5  # to be told from a new one
    (killed / "results.partial.json").write_text(json.dumps([first]))
    config = killed / "config.json"
    config.write_text(config.read_text().replace(str(generator_file), "gone.keras"))
    call(train_meta.main, [*CALIBRATED, "--generator", "gone.keras", "--run-dir", killed, "--resume"])
    rows = json.loads((killed / "results.json").read_text())
    assert rows[0] == first
    assert [(row["k_shot"], row["accuracy"]) for row in rows[1:]] == [(2, expected)]
    assert not (killed / "results.partial.json").exists()


def test_runs_are_reported_in_one_table(finished_run, tmp_path, capsys):
    run, _ = finished_run
    call(report.main, [run, tmp_path, run, "--markdown", "--picture", tmp_path / "results.png"])
    out, err = capsys.readouterr()
    assert out.count("LASIUM-RO-theirs-MAML") == 2 * len(results(run))
    assert f"left out: {tmp_path} holds no run" in err
    assert (tmp_path / "results.png").exists()


@pytest.mark.usefixtures("unexported")
def test_two_runs_are_compared_task_by_task(finished_run, generator_file, tmp_path, here):
    runs = [finished_run[0], tmp_path / "protonets"]
    options = ["--generator", generator_file, "--learner", "protonets", "--k-shot", "1"]
    call(train_meta.main, [*CALIBRATED, *options, "--calibration-tasks", "0", "--run-dir", runs[1]])
    of_maml, of_protonets = (
        next(each for each in load_scores(run / "task-scores.json") if each.tasks["k_shot"] == 1) for run in runs
    )
    assert of_maml.tasks == of_protonets.tasks
    for run, scores in zip(runs, (of_maml, of_protonets), strict=True):
        (row,) = (row for row in results(run) if row["k_shot"] == 1)
        assert row["accuracy"] == pytest.approx(scores.accuracies.mean())
    out = output_of(report.main, [*runs, "--against", runs[0], "--html", tmp_path / "report.html"])
    mean, half_width = mean_interval(of_protonets.accuracies - of_maml.accuracies)
    assert f"{mean:+.2f} ± {half_width:.2f}" in out
    assert "On the same tasks" in (tmp_path / "report.html").read_text()
    said = here(*runs, "--against", "nobody", main=report.main)
    assert "there is no run 'nobody' to compare with: choose among maml, protonets" in said


def test_an_unfinished_run_is_not_evaluated(tmp_path, here):
    stored = {"learner": "maml", "run_dir": None, "data_dir": None, "k_shot": [1]}
    (tmp_path / "config.json").write_text(json.dumps({"config": stored, "versions": {}}))
    said = here(tmp_path, main=evaluate.main)
    assert said.startswith("error: ")
    assert "has not finished: repeat its command with --resume, unless it trained a generator alone" in said


def test_a_changed_configuration_and_a_forgotten_resume_are_told(finished_run, generator_file, cache, here):
    run, _ = finished_run
    same = [*CALIBRATED, "--generator", generator_file, "--run-dir", run]
    assert "continue it with --resume" in here(*same)
    assert "alpha was 0.2 and is 0.4" in here(*same, "--resume", "--alpha", "0.4")
    code, out, err = finish(start("train_meta.py", same, cache))
    assert (code, out) == (1, "")
    assert "Traceback" not in err
    assert "LASIUM-RO-theirs-MAML" in output_of(train_meta.main, [*same, "--resume"])  # finished: the table again


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "method"),
    [
        (["--learner", "scratch"], "Training from scratch"),
        (["--learner", "protonets", "--iterations", "0"], "Nearest prototype"),
        (["--tasks", "supervised", "--learner", "protonets"], "Supervised ProtoNets"),
        (["--tasks", "umtra", "--precision", "mixed_bfloat16"], "UMTRA-MAML"),
    ],
)
@pytest.mark.usefixtures("undrawn")
def test_the_baselines_of_the_tables_run(arguments, method, tmp_path):
    call(train_meta.main, [*TINY, "--k-shot", "1", *arguments, "--run-dir", tmp_path / "run"])
    assert {row["method"] for row in results(tmp_path / "run")} == {method}


def test_a_generator_is_trained_once_and_then_found_in_the_cache(tmp_path, own_cache, monkeypatch):
    monkeypatch.setenv("LATENTSHOT_CACHE", str(own_cache))
    arguments = ["--n-unlabelled", "200", "--generator-epochs", "1", "--generator-batch-size", "100"]
    arguments += ["--any-generator"]
    command("train_generator.py", [*arguments, "--run-dir", tmp_path / "first"], own_cache)
    call(train_generator.main, [*arguments, "--run-dir", tmp_path / "second"])
    assert (tmp_path / "first" / "generator-checkpoints").exists()
    assert not (tmp_path / "second" / "generator-checkpoints").exists()
    assert (tmp_path / "second" / "generator.keras").exists()


def test_help_names_the_options_and_no_command_loads_tensorflow_for_it(cache):
    for name, option in (("train_meta", "--alpha"), ("train_generator", "--seed"), ("evaluate", "--k-shot")):
        assert option in real_commands.command(f"{name}.py", ["--help"], cache)
    modules = ", ".join(f"latentshot.bin.{name}" for name in ("train_meta", "train_generator", "evaluate", "report"))
    code = f"import sys, {modules}; assert 'tensorflow' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
