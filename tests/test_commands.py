"""The real commands, on budgets of seconds."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from latentshot.bin import train_meta
from latentshot.datasets import load_dataset

ROOT = Path(__file__).resolve().parent.parent
TINY = [
    *("--iterations", "6", "--checkpoint-every", "2", "--meta-batch-size", "1", "--inner-steps", "1"),
    *("--eval-inner-steps", "2", "--filters", "4", "--n-tasks", "2", "--val-tasks", "4", "--k-shot", "1,2"),
]


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
    environment = {**os.environ, "LATENTSHOT_CACHE": str(cache), "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, str(ROOT / "bin" / name), *map(str, arguments)]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def finish(process):
    out, err = process.communicate(timeout=240)
    return process.returncode, out, err


@pytest.fixture
def here(monkeypatch, capsys):
    """Runs a command in this process, which saves the import of TensorFlow, and gives what it ends with."""

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["train_meta.py", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            train_meta.main()
        said = f"{ended.value.code} {capsys.readouterr().err}"
        return re.sub(r"[\s│]+", " ", said)  # the command line's own messages come in a box

    return run


def command(name, arguments, cache):
    code, out, err = finish(start(name, arguments, cache))
    assert code == 0, err[-3000:]
    return out


def results(run):
    return [{k: v for k, v in row.items() if k != "seconds"} for row in json.loads((run / "results.json").read_text())]


def weights(run):
    """Every number of the last checkpoint, the optimizer's included."""
    reader = tf.train.load_checkpoint(str(run / "checkpoints"))
    names = [name for name in sorted(reader.get_variable_to_shape_map()) if "variables" in name]
    assert len(names) > 40  # 18 trained weights, 8 moving statistics, and two moments of Adam for each trained one
    return {name: reader.get_tensor(name) for name in names}


@pytest.fixture(scope="module")
def finished_run(cache, generator_file, tmp_path_factory):
    run = tmp_path_factory.mktemp("runs") / "maml"
    out = command("train_meta.py", [*TINY, "--generator", generator_file, "--run-dir", run], cache)
    return run, out


@pytest.mark.xdist_group("finished_run")
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


@pytest.mark.xdist_group("finished_run")
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
    from latentshot.lasium.rerun import load_learner

    expected = load_learner(run, (28, 28, 1)).adapt_and_predict(*map(tf.constant, (support, labels, queries)))
    np.testing.assert_allclose(np.load(tmp_path / "answer.npy"), expected, atol=1e-5)


@pytest.mark.xdist_group("finished_run")
def test_a_finished_run_is_evaluated_again_as_it_was_and_on_other_shots(finished_run, cache):
    run, _ = finished_run
    before = results(run)
    command("evaluate.py", [run, "--k-shot", "1,3"], cache)
    after = results(run)
    assert [row["k_shot"] for row in after] == [2, 1, 3]
    code, _, err = finish(start("evaluate.py", [run, "--k-shot", "1,6"], cache))
    assert (code, results(run)) == (1, after)
    assert "with 21 images each; the test split has 250 classes" in err
    assert after[1] == before[0]  # the same tasks, the same weights: the same row


@pytest.mark.xdist_group("finished_run")
def test_runs_are_reported_in_one_table(finished_run, cache, tmp_path):
    run, _ = finished_run
    arguments = [run, tmp_path, run, "--markdown", "--picture", tmp_path / "results.png"]
    code, out, err = finish(start("report.py", arguments, cache))
    assert code == 0
    assert out.count("LASIUM-RO-theirs-MAML") == 2 * len(results(run))
    assert f"left out: {tmp_path} holds no run" in err
    assert (tmp_path / "results.png").exists()


def saved_epoch(checkpoints):
    """Is there a checkpoint that a resumed run will find? The state file is what TensorFlow writes last."""
    return (checkpoints / "checkpoint").exists() and "epoch-" in (checkpoints / "checkpoint").read_text()


def kill_when(process, condition):
    deadline = time.monotonic() + 200
    while not condition():
        assert process.poll() is None, process.communicate()[1][-3000:]
        assert time.monotonic() < deadline, "the moment to kill at never came"
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    return process.communicate()[0]


def test_a_run_killed_in_the_generator_and_in_meta_training_ends_bit_identical(tmp_path, cache):
    vae = ["--n-unlabelled", "600", "--generator-epochs", "5", "--generator-batch-size", "100"]

    def arguments(run):
        return [*TINY, *vae, "--k-shot", "1", "--run-dir", tmp_path / run]

    load_dataset("glyphs")
    own_cache = tmp_path / "cache"
    own_cache.mkdir()
    for drawings in cache.glob("glyphs*.npz"):
        shutil.copy(drawings, own_cache)
    command("train_meta.py", arguments("whole"), own_cache)
    shutil.rmtree(own_cache / "generators")  # or the killed run would find its generator there
    killed = tmp_path / "killed"
    process = start("train_meta.py", arguments("killed"), own_cache)
    kill_when(process, lambda: saved_epoch(killed / "generator-checkpoints"))
    assert not (killed / "generator.keras").exists()
    process = start("train_meta.py", [*arguments("killed"), "--resume"], own_cache)
    out = kill_when(process, lambda: saved_epoch(killed / "checkpoints"))
    assert "training the vae: continuing after" in out
    assert not (killed / "results.json").exists()
    out = command("train_meta.py", [*arguments("killed"), "--resume"], own_cache)
    assert "meta-training LASIUM-RO-VAE-MAML: continuing after" in out
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
        (["--n-way", "300"], "need 300 classes with 16 images each; the test split has 250 classes"),
        (["--k-shot", "1,6"], "with 21 images each; the test split has 250 classes, of which 0"),
        (["--generator", "msgan", "--epsilon", "30"], "epsilon 30 cannot be met"),
        (["--alpha", "1.5"], "alpha is 1.5"),
        (["--alpha", "nan"], "alpha is nan"),
        (["--epsilon", "nan"], "epsilon is nan"),
        (["--query-shift", "-1"], "query_shift is -1"),
        (["--strategy", "oc", "--n-way", "1"], "n_way is 1"),
        (["--seed", "-1"], "seed is -1"),
        (["--generator-epochs", "0"], "generator_epochs is 0"),
        (["--generator-batch-size", "99999"], "generator_batch_size is 99999, and glyphs has"),
        (["--n-way", "100"], "validation split (--val-tasks 0 does without) has 68 classes"),
        (["--generator", "nowhere.keras"], "no generator at nowhere.keras"),
        (["--generator", __file__], "test_commands.py is not a .keras file"),
        (["--generator", "msgan", "--generator-batch-size", "1"], "give 2 or more"),
        (["--iterations", "7"], "iterations (7) must be a multiple of checkpoint_every (2)"),
    ],
)
def test_bad_input_ends_in_one_line_before_anything_is_written(arguments, message, tmp_path, here):
    run = tmp_path / "run"
    said = here(*TINY, "--run-dir", run, *arguments)
    assert message in said
    assert "Traceback" not in said
    assert not run.exists()


def test_a_generator_of_other_images_is_an_error_that_names_both_shapes(tmp_path, here):
    latents = keras.Input((4,))
    images = keras.layers.Reshape((4, 4, 1))(keras.layers.Dense(16, activation="sigmoid")(latents))
    keras.Model(latents, images).save(tmp_path / "small.keras")
    said = here(*TINY, "--generator", tmp_path / "small.keras", "--run-dir", tmp_path / "run")
    assert "makes images of (4, 4, 1), and glyphs has (28, 28, 1)" in said


def test_a_generator_whose_pixels_leave_the_unit_interval_is_an_error_with_its_range(tmp_path, here):
    latents = keras.Input((4,))
    images = keras.layers.Reshape((28, 28, 1))(keras.layers.Dense(784, activation="tanh")(latents))
    keras.Model(latents, images).save(tmp_path / "tanh.keras")
    said = here(*TINY, "--generator", tmp_path / "tanh.keras", "--run-dir", tmp_path / "run")
    assert "makes pixels from -" in said
    assert "Rescaling(0.5, 0.5)" in said


def test_an_unfinished_run_is_not_evaluated(tmp_path, cache):
    stored = {"learner": "maml", "run_dir": None, "data_dir": None, "k_shot": [1]}
    (tmp_path / "config.json").write_text(json.dumps({"config": stored}))
    code, _, err = finish(start("evaluate.py", [tmp_path], cache))
    assert code == 1
    assert "has not finished, or trained a generator alone: repeat its command with --resume" in err


@pytest.mark.xdist_group("finished_run")
def test_a_changed_configuration_and_a_forgotten_resume_are_told(finished_run, generator_file, cache, here):
    run, _ = finished_run
    same = [*TINY, "--generator", generator_file, "--run-dir", run]
    assert "continue it with --resume" in here(*same)
    assert "alpha was 0.2 and is 0.4" in here(*same, "--resume", "--alpha", "0.4")
    code, out, err = finish(start("train_meta.py", same, cache))
    assert (code, out) == (1, "")
    assert "Traceback" not in err
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
    command("train_meta.py", [*TINY, "--k-shot", "1", *arguments, "--run-dir", tmp_path / "run"], cache)
    assert {row["method"] for row in results(tmp_path / "run")} == {method}


def test_a_generator_is_trained_once_and_then_found_in_the_cache(tmp_path, cache):
    arguments = ["--n-unlabelled", "200", "--generator-epochs", "1", "--generator-batch-size", "100"]
    command("train_generator.py", [*arguments, "--run-dir", tmp_path / "first"], cache)
    command("train_generator.py", [*arguments, "--run-dir", tmp_path / "second"], cache)
    assert (tmp_path / "first" / "generator-checkpoints").exists()
    assert not (tmp_path / "second" / "generator-checkpoints").exists()
    assert (tmp_path / "second" / "generator.keras").exists()


def test_help_names_the_options_and_no_command_loads_tensorflow_for_it(cache):
    for name, option in (("train_meta", "--alpha"), ("train_generator", "--seed"), ("evaluate", "--k-shot")):
        assert option in command(f"{name}.py", ["--help"], cache)
    modules = ", ".join(f"latentshot.bin.{name}" for name in ("train_meta", "train_generator", "evaluate", "report"))
    code = f"import sys, {modules}; assert 'tensorflow' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
