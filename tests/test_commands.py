"""The real commands, on budgets of seconds."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time

import keras
import numpy as np
import pytest
import tensorflow as tf
from conftest import ROOT

TINY = [
    *("--iterations", "6", "--checkpoint-every", "2", "--meta-batch-size", "1", "--inner-steps", "1"),
    *("--eval-inner-steps", "2", "--filters", "4", "--n-tasks", "8", "--val-tasks", "4", "--k-shot", "1,2"),
]


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    """One cache for all commands, and with it one drawing of the glyphs."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def generator_file(tmp_path_factory):
    """A small third-party generator of 28x28 images."""
    keras.utils.set_random_seed(0)
    latents = keras.Input((4,))
    images = keras.layers.Reshape((28, 28, 1))(keras.layers.Dense(784, activation="sigmoid")(latents))
    path = tmp_path_factory.mktemp("generator") / "theirs.keras"
    keras.Model(latents, images).save(path)
    return path


def start(name, arguments, cache):
    environment = {**os.environ, "LATENTSHOT_CACHE": str(cache)}
    command = [sys.executable, str(ROOT / "bin" / name), *map(str, arguments)]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def finish(process):
    out, err = process.communicate(timeout=240)
    return process.returncode, out, err


def command(name, arguments, cache):
    code, out, err = finish(start(name, arguments, cache))
    assert code == 0, err[-3000:]
    return out


def results(run):
    return [{k: v for k, v in row.items() if k != "seconds"} for row in json.loads((run / "results.json").read_text())]


def weights(run):
    """Every number of the last checkpoint, optimizer included, and the network's file."""
    reader = tf.train.load_checkpoint(str(run / "checkpoints"))
    return {name: reader.get_tensor(name) for name in sorted(reader.get_variable_to_shape_map()) if "variables" in name}


@pytest.fixture(scope="module")
def finished_run(cache, generator_file, tmp_path_factory):
    run = tmp_path_factory.mktemp("runs") / "maml"
    out = command("train_meta.py", [*TINY, "--generator", generator_file, "--run-dir", run], cache)
    return run, out


def test_a_run_leaves_its_configuration_results_pictures_logs_and_export(finished_run):
    run, out = finished_run
    rows = results(run)
    assert [(row["method"], row["k_shot"]) for row in rows] == [
        ("LASIUM-RO-theirs-MAML", 1),
        ("LASIUM-RO-theirs-MAML", 2),
    ]
    for row in rows:
        assert {"dataset", "n_way", "n_tasks", "accuracy", "ci95"} <= row.keys()
        assert 0 <= row["accuracy"] <= 100
        assert f"{row['accuracy']:.2f} ± {row['ci95']:.2f}" in out
    assert json.loads((run / "config.json").read_text())["config"]["alpha"] == 0.2
    pictures = {picture.name for picture in (run / "pictures").iterdir()}
    assert pictures == {"task.png", "interpolations.png", "curves.png", "results.png"}
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
assert "latentshot" not in sys.modules and "keras" not in sys.modules
numpy.save(sys.argv[3], answer)
"""
    files = [str(run / "export"), str(tmp_path / "task.npz"), str(tmp_path / "answer.npy")]
    subprocess.run([sys.executable, "-c", code, *files], check=True, cwd=tmp_path)
    from latentshot.lasium.rerun import load_learner

    expected = load_learner(run, (28, 28, 1)).adapt_and_predict(*map(tf.constant, (support, labels, queries)))
    np.testing.assert_allclose(np.load(tmp_path / "answer.npy"), expected, atol=1e-5)


def test_a_finished_run_is_evaluated_again_as_it_was_and_on_other_shots(finished_run, cache):
    run, _ = finished_run
    before = results(run)
    command("evaluate.py", [run, "--k-shot", "1,3"], cache)
    after = results(run)
    assert [row["k_shot"] for row in after] == [2, 1, 3]
    assert after[1] == before[0]  # the same tasks, the same weights: the same row


def test_runs_are_reported_in_one_table(finished_run, cache, tmp_path):
    run, _ = finished_run
    out = command("report.py", [run, run, "--markdown", "--picture", tmp_path / "results.png"], cache)
    assert out.count("LASIUM-RO-theirs-MAML") == 2 * len(results(run))
    assert (tmp_path / "results.png").exists()


def kill_when(process, condition):
    deadline = time.monotonic() + 200
    while not condition():
        assert process.poll() is None, process.communicate()[1][-3000:]
        assert time.monotonic() < deadline, "the moment to kill at never came"
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.communicate()


@pytest.mark.parametrize("learner", ["maml", "protonets"])
def test_a_run_killed_in_the_generator_and_in_meta_training_ends_bit_identical(learner, tmp_path, cache):
    vae = ["--generator-epochs", "2", "--generator-batch-size", "2048"]

    def arguments(run):
        return [*TINY, *vae, "--learner", learner, "--run-dir", tmp_path / run]

    shutil.rmtree(cache / "generators", ignore_errors=True)
    command("train_meta.py", arguments("whole"), cache)
    shutil.rmtree(cache / "generators")  # or the killed run would find its generator there
    killed = tmp_path / "killed"
    process = start("train_meta.py", arguments("killed"), cache)
    kill_when(process, lambda: list(killed.glob("generator-checkpoints/epoch-1.index")))
    assert not (killed / "generator.keras").exists()
    process = start("train_meta.py", [*arguments("killed"), "--resume"], cache)
    kill_when(process, lambda: list(killed.glob("checkpoints/epoch-1.index")))
    assert not (killed / "results.json").exists()
    command("train_meta.py", [*arguments("killed"), "--resume"], cache)
    ours, expected = weights(killed), weights(tmp_path / "whole")
    assert ours.keys() == expected.keys()
    for name, value in expected.items():
        np.testing.assert_array_equal(ours[name], value, err_msg=name)
    assert results(killed) == results(tmp_path / "whole")
    histories = [json.loads((run / "checkpoints" / "history.json").read_text()) for run in (killed, tmp_path / "whole")]
    assert histories[0] == histories[1]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--dataset", "mnist"], "unknown dataset 'mnist'"),
        (["--n-way", "300"], "need 300 classes with 16 images each; the split has 250 classes"),
        (["--k-shot", "1,6"], "with 21 images each; the split has 250 classes, of which 0"),
        (["--generator", "msgan", "--epsilon", "30"], "epsilon 30 cannot be met"),
        (["--alpha", "1.5"], "alpha is 1.5"),
        (["--generator", "nowhere.keras"], "no generator at nowhere.keras"),
        (["--iterations", "7"], "iterations (7) must be a multiple of checkpoint_every (2)"),
    ],
)
def test_bad_input_ends_in_one_line_before_anything_is_written(arguments, message, tmp_path, cache):
    run = tmp_path / "run"
    code, _, err = finish(start("train_meta.py", [*TINY, "--run-dir", run, *arguments], cache))
    assert code == 1
    assert message in err
    assert "Traceback" not in err
    assert not run.exists()


def test_a_generator_of_other_images_is_an_error_that_names_both_shapes(tmp_path, cache):
    latents = keras.Input((4,))
    images = keras.layers.Reshape((4, 4, 1))(keras.layers.Dense(16, activation="sigmoid")(latents))
    keras.Model(latents, images).save(tmp_path / "small.keras")
    arguments = [*TINY, "--generator", tmp_path / "small.keras", "--run-dir", tmp_path / "run"]
    code, _, err = finish(start("train_meta.py", arguments, cache))
    assert code == 1
    assert "makes images of (4, 4, 1), and glyphs has (28, 28, 1)" in err


def test_a_changed_configuration_and_a_forgotten_resume_are_told(finished_run, generator_file, cache):
    run, _ = finished_run
    same = [*TINY, "--generator", generator_file, "--run-dir", run]
    for arguments, message in (
        (same, "continue it with --resume"),
        ([*same, "--resume", "--alpha", "0.4"], "alpha was 0.2 and is 0.4"),
    ):
        code, _, err = finish(start("train_meta.py", arguments, cache))
        assert code == 1
        assert message in err
    assert "LASIUM-RO-theirs-MAML" in command("train_meta.py", [*same, "--resume"], cache)  # finished: the table again


@pytest.mark.parametrize(
    ("arguments", "method"),
    [
        (["--learner", "scratch"], "Training from scratch"),
        (["--tasks", "supervised", "--learner", "protonets"], "Supervised ProtoNets"),
        (["--tasks", "umtra"], "UMTRA-MAML"),
    ],
)
def test_the_baselines_of_the_tables_run(arguments, method, tmp_path, cache):
    command("train_meta.py", [*TINY, *arguments, "--run-dir", tmp_path / "run"], cache)
    assert {row["method"] for row in results(tmp_path / "run")} == {method}


def test_a_generator_is_trained_once_and_then_found_in_the_cache(tmp_path, cache):
    arguments = ["--generator", "vae", "--generator-epochs", "1", "--generator-batch-size", "4096"]
    command("train_generator.py", [*arguments, "--run-dir", tmp_path / "first"], cache)
    command("train_generator.py", [*arguments, "--run-dir", tmp_path / "second"], cache)
    assert (tmp_path / "first" / "generator-checkpoints").exists()
    assert not (tmp_path / "second" / "generator-checkpoints").exists()
    assert (tmp_path / "second" / "generator.keras").exists()


@pytest.mark.parametrize("name", ["train_meta", "train_generator", "evaluate", "report"])
def test_help_names_every_option_without_loading_tensorflow(name, cache):
    started = time.monotonic()
    out = command(f"{name}.py", ["--help"], cache)
    assert "usage:" in out
    code = f"import sys; import latentshot.bin.{name}; assert 'tensorflow' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
    assert time.monotonic() - started < 60
