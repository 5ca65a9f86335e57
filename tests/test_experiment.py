import json
import os
import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf

from latentshot.experiment.command_line import parse
from latentshot.experiment.run_directory import RunDirectory
from latentshot.lasium.experiment.config import MetaConfig, prefers_onednn
from latentshot.lasium.experiment.defaults import resolved
from latentshot.lasium.experiment.description import method_name, options_text
from latentshot.lasium.experiment.paper import paper_figure
from latentshot.lasium.experiment.presets import OMNIGLOT, preset, preset_of_the_command_line
from latentshot.lasium.experiment.results import results_table
from latentshot.training.checkpoints import Checkpoints
from latentshot.training.cpu_kernels import choose_cpu_kernels
from latentshot.training.fit import train
from latentshot.training.stopwatch import Stopwatch


def linear_model(seed=0):
    keras.utils.set_random_seed(seed)
    model = keras.Sequential([keras.Input((3,)), keras.layers.BatchNormalization(), keras.layers.Dense(1)])
    model.compile(keras.optimizers.Adam(0.01), loss="mse")
    return model


def stream_from(step):
    def batch(index):
        x = tf.random.stateless_normal((8, 3), tf.stack([0, index]))
        return x, tf.reduce_sum(x, axis=1, keepdims=True)

    return tf.data.Dataset.range(step, 10_000).map(batch)


def trained(folder, epochs, model=None):
    model = model or linear_model()
    history = train(model, stream_from, epochs, 5, folder / "checkpoints", folder / "logs", "test")
    return model, history


def all_weights(model):
    return [*model.get_weights(), *(v.numpy() for v in model.optimizer.variables)]


def test_a_continued_training_is_bit_identical_to_an_uninterrupted_one(tmp_path):
    whole, whole_history = trained(tmp_path / "whole", 6)
    trained(tmp_path / "parts", 2)
    parts, parts_history = trained(tmp_path / "parts", 6, linear_model(seed=99))
    for a, b in zip(all_weights(whole), all_weights(parts), strict=True):
        np.testing.assert_array_equal(a, b)
    assert whole_history == parts_history
    assert len(whole_history) == 6


@pytest.mark.parametrize("suffix", [".data-00000-of-00001", ".index"])
def test_a_truncated_checkpoint_is_named_and_the_one_before_it_used(tmp_path, suffix, capsys):
    trained(tmp_path, 3)
    broken = tmp_path / "checkpoints" / f"epoch-3{suffix}"
    broken.write_bytes(broken.read_bytes()[: broken.stat().st_size // 2])
    saved = Checkpoints(built(linear_model()), tmp_path / "checkpoints")
    assert saved.restore() == 2
    assert "epoch-3 cannot be read" in capsys.readouterr().err
    again, history = trained(tmp_path, 3, linear_model(seed=5))
    whole, whole_history = trained(tmp_path / "whole", 3)
    for a, b in zip(all_weights(whole), all_weights(again), strict=True):
        np.testing.assert_array_equal(a, b)
    assert history == whole_history


def test_when_no_checkpoint_can_be_read_the_folder_to_remove_is_named(tmp_path):
    trained(tmp_path, 2)
    for part in (tmp_path / "checkpoints").glob("*.index"):
        part.write_bytes(b"")
    with pytest.raises(ValueError, match=r"none of the checkpoints under .*checkpoints can be read"):
        trained(tmp_path, 3)


def built(model):
    model.optimizer.build(model.trainable_variables)
    return model


def test_a_loss_that_turns_nan_stops_the_run_at_its_step_and_leaves_the_last_good_checkpoint(tmp_path):
    def poisoned(step):
        nan_from = 12  # the 13th iteration, in the third epoch of five
        return tf.data.Dataset.zip(tf.data.Dataset.range(step, 100), stream_from(step)).map(
            lambda i, batch: (tf.where(i >= nan_from, np.nan, 1.0) * batch[0], batch[1])
        )

    model = linear_model()
    with pytest.raises(FloatingPointError, match=r"loss at iteration 13 is no longer finite.*epoch-2"):
        train(model, poisoned, 5, 5, tmp_path / "checkpoints", tmp_path / "logs", "test")
    assert Checkpoints(model, tmp_path / "checkpoints").restore() == 2
    assert np.isfinite(model.get_weights()[0]).all()


def test_weights_that_are_not_finite_are_never_saved(tmp_path):
    model = built(linear_model())
    saved = Checkpoints(model, tmp_path)
    model.layers[-1].bias.assign([np.inf])
    with pytest.raises(FloatingPointError, match="bias in epoch 1 is no longer finite"):
        saved.on_epoch_end(0, {"loss": 1.0})
    assert saved.latest is None


def test_a_folder_in_use_needs_resume_and_a_changed_configuration_is_told(tmp_path):
    directory = RunDirectory(tmp_path / "run")
    directory.start({"alpha": 0.2, "seed": 0, "data_dir": "here"}, resume=False)
    with pytest.raises(ValueError, match="holds a run already: continue it with --resume"):
        directory.start({"alpha": 0.2, "seed": 0, "data_dir": "here"}, resume=False)
    directory.start({"alpha": 0.2, "seed": 0, "data_dir": "there"}, resume=True)
    with pytest.raises(ValueError, match=r"alpha was 0\.2 and is 0\.4"):
        directory.start({"alpha": 0.4, "seed": 0, "data_dir": "here"}, resume=True)
    stored = json.loads((tmp_path / "run" / "config.json").read_text())
    assert stored["config"]["alpha"] == 0.2
    assert stored["versions"]["keras"] == keras.__version__


def test_a_folder_of_something_else_is_left_alone(tmp_path):
    (tmp_path / "thesis.tex").write_text("precious")
    for resume in (False, True):
        with pytest.raises(ValueError, match="is not empty and holds no run"):
            RunDirectory(tmp_path).start({}, resume)


def test_an_unfinished_run_is_named_where_its_results_are_asked_for(tmp_path):
    with pytest.raises(ValueError, match="holds no run"):
        RunDirectory(tmp_path / "nothing").finished_results()
    RunDirectory(tmp_path / "run").start({}, resume=False)
    with pytest.raises(ValueError, match="has not finished"):
        RunDirectory(tmp_path / "run").finished_results()


def test_the_table_shows_accuracy_with_its_interval_and_the_papers_figure():
    row = {"method": "M", "dataset": "omniglot", "split": "test", "n_way": 5, "k_shot": 1, "n_tasks": 1000}
    row |= {"trained_on": "omniglot"}
    row |= {"accuracy": 80.123, "ci95": 0.456, "options": "alpha 0.2", "paper": "75.02 ± 0.66 (table 7)", "seconds": 90}
    for markdown in (False, True):
        table = results_table([row], markdown)
        assert all(part in table for part in ("80.12 ± 0.46", "75.02 ± 0.66 (table 7)", "5-way 1-shot", "1.5 min"))


@pytest.mark.parametrize(
    ("options", "k_shot", "figure"),
    [
        ({}, 1, "75.02 ± 0.66 (table 7)"),
        ({"learner": "protonets", "strategy": "n", "sigma2": 2.0}, 1, "64.88 ± 0.78 (table 7)"),
        ({"generator": "msgan", "strategy": "oc", "alpha": 0.4}, 1, "73.40 ± 0.68 (table 7)"),
        ({"generator": "msgan"}, 5, "95.29 ± 0.22 (table 1)"),
        ({"learner": "scratch"}, 1, "51.64 ± 0.65 (table 1)"),
        ({"tasks": "supervised", "learner": "protonets"}, 5, "99.58 ± 0.09 (table 1)"),
        ({"n_way": 20}, 1, ""),
        ({"alpha": 0.3}, 1, ""),
        ({"generator": "msgan", "alpha": 0.9}, 5, ""),
        ({"filters": 32}, 1, ""),
        ({"learner": "protonets", "train_n_way": 20}, 1, ""),
        ({"generator": "msgan", "iterations": 100}, 5, ""),
        ({"generator": "someone.keras"}, 1, ""),
    ],
)
def test_the_papers_figure_is_that_of_the_configuration(options, k_shot, figure):
    assert paper_figure(MetaConfig(dataset="omniglot", **options), k_shot) == figure


@pytest.mark.parametrize(
    ("dataset", "options", "k_shot", "figure"),
    [
        ("celeba", {"generator": "progan"}, 5, "66.98 ± 0.53 (table 2)"),
        ("celeba", {}, 1, "41.25 ± 0.57 (table 2)"),
        ("celeba", {"alpha": 0.2}, 1, ""),
        ("celeba", {"generator": "msgan"}, 1, ""),
        ("celeba-attributes", {"generator": "progan", "strategy": "n"}, 5, "74.79 ± 1.01 (table 3)"),
        ("mini-imagenet", {"generator": "bigbigan", "strategy": "n"}, 50, "69.13 ± 0.49 (table 4)"),
        ("mini-imagenet", {"inner_lr": 0.4, "tasks": "supervised"}, 1, ""),
        ("folder:photographs", {}, 1, ""),
    ],
)
def test_the_papers_figure_for_photographs_is_that_of_the_preset(dataset, options, k_shot, figure):
    filled = preset(dataset, options.get("generator", "vae")) | options
    assert paper_figure(MetaConfig(dataset=dataset, **filled), k_shot) == figure


def test_what_a_dataset_and_a_generator_bring_fills_the_command_line(monkeypatch):
    """Tables 5 and 6."""
    arguments = ["--strategy", "n", "--dataset=celeba-attributes", "--generator", "progan", "--k-shot", "3"]
    monkeypatch.setattr(sys, "argv", ["train_meta.py", *arguments])
    config = parse(MetaConfig, "", preset_of_the_command_line())
    assert (config.n_way, config.train_k_shot, config.n_query, config.inner_lr) == (2, 5, 5, 0.05)
    assert (config.downsampling, config.query_shift, config.alpha) == ("max_pool", 0, 0.2)
    assert (config.dataset, config.generator, config.strategy, config.k_shot) == (
        *("celeba-attributes", "progan", "n"),
        (3,),
    )
    assert preset("mini-imagenet", "bigbigan")["alpha"] == 0.3
    assert {name: getattr(MetaConfig(), name) for name in OMNIGLOT} == OMNIGLOT


def test_a_vae_of_photographs_has_smaller_batches_and_more_latents_than_one_of_letters():
    letters, faces = (resolved(MetaConfig(dataset=name)) for name in ("glyphs", "celeba"))
    assert (letters.generator_batch_size, letters.latent_dim) == (128, 20)
    assert (faces.generator_batch_size, faces.latent_dim) == (32, 128)
    assert resolved(MetaConfig(dataset="celeba", generator_batch_size=64)).generator_batch_size == 64


def test_the_options_of_a_row_name_whatever_differs_from_the_default():
    usual = options_text(resolved(MetaConfig()))
    assert usual == "stride, bn transductive, 50 steps, 1000 it, 15 generator epochs, alpha 0.2, shift 3"
    unusual = options_text(resolved(MetaConfig(meta_lr=0.01, filters=32, epsilon=3.0, generator_batch_size=32)))
    assert unusual == f"{usual}, filters 32, meta lr 0.01, epsilon 3, generator batch size 32"


def test_a_generator_of_a_run_is_called_by_the_run():
    assert method_name(MetaConfig(generator="runs/mine/generator.keras")) == "LASIUM-RO-mine-MAML"
    assert method_name(MetaConfig(generator="somewhere/theirs.keras")) == "LASIUM-RO-theirs-MAML"


def test_seconds_add_up_over_sessions(tmp_path):
    first = Stopwatch(tmp_path / "seconds.json")
    first.started -= 100
    first.on_epoch_end(0)
    second = Stopwatch(tmp_path / "seconds.json")
    second.started -= 20
    assert second.seconds == pytest.approx(120, abs=5)


def test_defaults_that_depend_on_the_generator_are_filled_in():
    config = resolved(MetaConfig(generator="msgan", alpha=0.3))
    assert (config.epsilon, config.generator_lr, config.alpha) == (15.69, 0.0004, 0.3)
    assert resolved(MetaConfig(generator="msgan", epsilon=1.0)).epsilon == 1.0
    assert str(resolved(MetaConfig()).run_dir) == "runs/glyphs-maml-vae-ro-seed0"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"epsilon": float("inf")}, "epsilon is inf"),
        ({"sigma2": 0.0}, "sigma2 is 0"),
        ({"iterations": 250}, r"iterations \(250\) must be a multiple of checkpoint_every \(100\)"),
        ({"meta_batch_size": 0}, "meta_batch_size is 0"),
        ({"inner_lr": -1.0}, "inner_lr is -1"),
        ({"train_n_way": 20}, r"train_n_way \(20\) differs from n_way \(5\), which only protonets can"),
    ],
)
def test_options_that_cannot_be_are_errors_with_their_value(options, message):
    with pytest.raises(ValueError, match=message):
        MetaConfig(**options)


@pytest.mark.parametrize("onednn", [False, True])
def test_a_process_knows_whose_kernels_compute_in_it(onednn):
    code = f"""
from latentshot.training.cpu_kernels import choose_cpu_kernels, onednn_computes
choose_cpu_kernels(onednn={onednn})
import tensorflow
assert onednn_computes() is {onednn}
"""
    environment = {name: value for name, value in os.environ.items() if name != "TF_ENABLE_ONEDNN_OPTS"}
    subprocess.run([sys.executable, "-c", code], check=True, env=environment)


def test_adapting_to_small_maps_is_what_oneDNN_is_no_good_for():
    assert not prefers_onednn("maml", "stride")
    assert not prefers_onednn("scratch", "stride")
    assert prefers_onednn("maml", "max_pool")
    assert prefers_onednn("protonets", "stride")
    assert prefers_onednn(None)  # a run of bin/train_generator.py


def test_kernels_are_chosen_before_tensorflow_is_imported_and_the_user_s_choice_wins(monkeypatch):
    monkeypatch.setenv("TF_ENABLE_ONEDNN_OPTS", "0")
    choose_cpu_kernels(onednn=True)
    assert os.environ["TF_ENABLE_ONEDNN_OPTS"] == "0"
    monkeypatch.delenv("TF_ENABLE_ONEDNN_OPTS")
    choose_cpu_kernels(onednn=True)
    assert "TF_ENABLE_ONEDNN_OPTS" not in os.environ  # TensorFlow is there: it would have no effect but on children
    monkeypatch.delitem(sys.modules, "tensorflow")
    choose_cpu_kernels(onednn=True)
    assert os.environ["TF_ENABLE_ONEDNN_OPTS"] == "1"
