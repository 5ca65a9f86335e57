"""Several devices: the gradients of one, from the same batches, and commands that end and go on."""

import json
import os
import socket
from pathlib import Path

import pytest
from forked_commands import command, start
from killing import kill_when, saved_epoch
from real_commands import TINY, TINY_GLICO, finish

from latentshot.glico.experiment.config import GlicoConfig
from latentshot.lasium.experiment.config import MetaConfig

HERE = Path(__file__).parent
COMPARED = """
import keras, numpy as np, tensorflow as tf
cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
import latentshot as ls
from contextlib import nullcontext
from latentshot.training.devices import mirrored
from latentshot.training.distribution import distributed
from latentshot.lasium.tasks.stream import as_tasks

SHAPE = (16, 16, 1)
rng = np.random.default_rng(0)

def maml():
    learner = ls.MAML(ls.conv4(SHAPE, 3, filters=4, momentum=0.0), inner_lr=0.1, inner_steps=1)
    learner.compile(keras.optimizers.SGD(1.0), jit_compile=False)
    x, y = as_tasks(tf.constant(noisy, tf.float32), k_shot=1)
    return learner, tf.data.Dataset.from_tensors((x, y)).repeat(), learner.trainable_variables

def glico():
    images = (255 * noisy.reshape(-1, *SHAPE)).astype(np.uint8)[:12]
    labels = np.array([-1, -1, -1, 0, 1, 2, 0, 1, 2, 0, 1, 2], np.int32)
    loss = ls.LaplacianLoss()
    codes = ls.Codes(ls.random_codes(12, 8), learning_rate=1e6, epsilon=1e6)  # steps as long as the gradients
    model = ls.GLICO(codes, ls.dcgan_generator(10, SHAPE, filters=4), ls.weak_cnn(SHAPE, 3),
                     loss, ls.TargetCache(loss, images), gamma=0.1, noise_dim=2)
    model.compile(keras.optimizers.SGD(1.0))
    weights = [model.codes.table, *model.generator.variables, *model.classifier.trainable_variables]
    return model, ls.labelled_batches(labels, 8, seed=0), weights

def classifier():
    images = (255 * noisy.reshape(-1, *SHAPE)).astype(np.uint8)[:12]
    network = keras.Sequential([keras.Input(SHAPE), keras.layers.Flatten(), keras.layers.Dense(3)])
    model = ls.MixedClassifier(network, images, keras.layers.Identity(), weight_decay=0.1)
    model.compile(keras.optimizers.SGD(1.0))
    return model, ls.labelled_batches(np.arange(12, dtype=np.int32) % 3, 8, seed=0), network.trainable_variables

def right_answers(model, batches):
    with model.counting_right_answers(8) as right:
        model.evaluate(distributed(batches, model), steps=2, verbose=0)
    found = right.result().numpy()
    assert len(set(found)) > 1 and (found[:4] == found[4:]).all()  # two equal batches of tasks that differ
    return found

noisy = 0.5 * rng.random((4, 3, 1, *SHAPE)) + 0.5 * rng.random((4, 3, 3, *SHAPE))
for build in (maml, glico, classifier):
    ends = []
    for strategy in (None, mirrored()):
        keras.utils.set_random_seed(0)
        with strategy.scope() if strategy else nullcontext():
            model, batches, weights = build()
            logs = model.fit(distributed(batches, model), steps_per_epoch=2, shuffle=False, verbose=0).history
            answers = right_answers(model, batches) if build is maml else []
        ends.append([*[np.asarray(v.numpy()) for v in weights], *[np.ravel(logs[name]) for name in sorted(logs)]])
        ends[-1].append(np.asarray(answers))
    assert strategy.num_replicas_in_sync == 2
    for ours, theirs in zip(*ends, strict=True):
        np.testing.assert_allclose(theirs, ours, rtol=1e-4, atol=2e-5)
"""


@pytest.mark.slow
def test_two_devices_do_to_maml_and_glico_what_one_does(tmp_path):
    file = tmp_path / "compared.py"
    file.write_text(COMPARED)
    code, _, err = finish(start(file, [], tmp_path))
    assert code == 0, err[-3000:]


def mirrored_command(name, options, cache):
    return finish(start(HERE / "two_devices.py", [name, "--distribute", "mirrored", *options], cache))


@pytest.mark.soak
def test_a_glico_run_on_two_devices_ends_in_its_table(tmp_path):
    options = [*TINY_GLICO, "--compare", "glico", "--batch-size", "10", "--generator-batch-size", "10"]
    code, out, err = mirrored_command("train_glico", [*options, "--run-dir", tmp_path / "run"], tmp_path)
    assert code == 0, err[-3000:]
    assert "devices: 2" in out
    rows = json.loads((tmp_path / "run" / "results.json").read_text())
    assert [row["method"] for row in rows] == ["glico"]
    assert all(0 <= row["top1"] <= row["top5"] <= 100 for row in rows)


def test_a_batch_that_devices_cannot_share_is_an_error_that_names_it(tmp_path, cache, colour_folder):
    tasks = ["--tasks", "supervised", "--n-way", "3", "--n-query", "2", "--train-n-query", "2"]
    images = ["--dataset", f"folder:{colour_folder / 'test'}", "--recipe", "paper", *tasks]
    options = [*TINY, *images, "--meta-batch-size", "3", "--run-dir", tmp_path / "run"]
    code, _, err = mirrored_command("train_meta", options, cache)
    assert code == 1
    assert "meta_batch_size is 3, which 2 devices cannot share: give a multiple" in err
    assert not (tmp_path / "run").exists()


def test_a_process_with_a_single_device_is_told_so(tmp_path, here):
    said = here("--distribute", "mirrored", "--run-dir", tmp_path / "run")
    assert said.startswith("error: ")
    assert "distribute mirrored needs several devices" in said
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("config", [MetaConfig, GlicoConfig])
def test_float16_on_several_devices_is_refused(config):
    with pytest.raises(ValueError, match=r"mixed_float16 and distribute do not go together.*use mixed_bfloat16"):
        config(distribute="mirrored", precision="mixed_float16")


def by_tf_config():
    """The environments of two workers, as TF_CONFIG has them."""
    ports = []
    for _ in range(2):
        with socket.socket() as free:
            free.bind(("localhost", 0))
            ports.append(free.getsockname()[1])
    cluster = {"worker": [f"localhost:{port}" for port in ports]}
    for index in range(2):
        yield {"TF_CONFIG": json.dumps({"cluster": cluster, "task": {"type": "worker", "index": index}})}


def by_slurm():
    """The environments of two tasks of a step on one node, as srun has them."""
    job = os.getpid()  # another one's ports are others
    step = {"NUM_TASKS": "2", "NODELIST": "localhost", "TASKS_PER_NODE": "2"}
    for index in range(2):
        environment = {"SLURM_JOB_ID": str(job), "SLURM_PROCID": str(index), "SLURMD_NODENAME": "localhost"}
        yield environment | {f"SLURM_STEP_{name}": value for name, value in step.items()}


def workers(name, options, cache, run, environments):
    """Two processes of a command."""
    options = ["--distribute", "multi_worker", *options, "--run-dir", run]
    folder = str(run.parent)  # where a killed worker leaves its folder
    return [start(name, options, cache, TMPDIR=folder, **environment) for environment in environments()]


def end(processes):
    for process in processes:
        process.kill()
        process.communicate()


def kill_one_worker_and_resume(killed, name, options, cache, run, saved, environments):
    """Starts two, kills the one of that index when `saved()`, and starts both again with --resume."""
    started = workers(name, options, cache, run, environments)
    try:
        kill_when(started[killed], saved)
        code, _, err = finish(started[1 - killed])
    finally:
        end(started)
    assert code == 1
    assert "another worker is gone, so the job has stopped. Start all workers again with --resume" in err
    resumed = workers(name, [*options, "--resume"], cache, run, environments)
    try:
        ends = [finish(process) for process in resumed]
    finally:
        end(resumed)
    for code, out, err in ends:
        assert code == 0, err[-3000:]
        assert "continuing after" in out


@pytest.mark.soak
def test_a_killed_worker_ends_the_job_with_a_message_and_resumed_it_does_what_one_process_does(tmp_path, cache):
    run, alone = tmp_path / "run", tmp_path / "alone"
    options = [*TINY, "--iterations", "30", "--tasks", "supervised", "--meta-batch-size", "2", "--n-tasks", "4"]
    options += ["--val-tasks", "0", "--k-shot", "1"]
    kill_one_worker_and_resume(
        1, "train_meta.py", options, cache, run, lambda: saved_epoch(run / "checkpoints"), by_tf_config
    )
    command("train_meta.py", [*options, "--run-dir", alone], cache)
    ours, expected = (json.loads((path / "checkpoints" / "history.json").read_text()) for path in (run, alone))
    assert len(ours) == len(expected) == 15
    # later epochs tell no more: adaptation at 0.4 makes a last bit that differs into a digit
    losses, alone_losses = ([epoch["loss"] for epoch in history[:4]] for history in (ours, expected))
    assert losses == pytest.approx(alone_losses, rel=1e-5)
    assert [row["k_shot"] for row in json.loads((run / "results.json").read_text())] == [1]


@pytest.mark.soak
def test_glico_on_two_workers_of_which_the_first_is_killed_optimizes_what_one_process_does(tmp_path):
    run, alone = tmp_path / "run", tmp_path / "alone"
    options = [*TINY_GLICO, "--compare", "glico", "--batch-size", "10", "--generator-batch-size", "10"]
    checkpoints = run / "3-per-class" / "seed0" / "checkpoints" / "generator"
    kill_one_worker_and_resume(0, "train_glico.py", options, tmp_path, run, lambda: saved_epoch(checkpoints), by_slurm)
    command("train_glico.py", [*options, "--run-dir", alone], tmp_path)
    ours, expected = (
        json.loads((path / "3-per-class" / "seed0" / "glico.json").read_text())["history"] for path in (run, alone)
    )
    assert len(ours) == len(expected) > 10
    # from 1e-7 in the first epoch on, which ends before the kill, rounding grows tenfold every five or so
    losses, alone_losses = ([epoch["reconstruction"] for epoch in history[:10]] for history in (ours, expected))
    assert losses == pytest.approx(alone_losses, rel=1e-4)
    rows = json.loads((run / "results.json").read_text())
    assert [row["method"] for row in rows] == ["glico"]
