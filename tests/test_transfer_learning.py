"""Transfer learning: a classifier of each task on a pretrained network of keras.applications."""

import shutil
from pathlib import Path

import keras
import numpy as np
import pytest
from real_commands import TINY, call, results

from latentshot.bin import train_meta
from latentshot.lasium.experiment.config import MetaConfig
from latentshot.lasium.experiment.description import method_name, options_text
from latentshot.lasium.experiment.evaluation import Evaluation
from latentshot.lasium.experiment.requirements import missing
from latentshot.lasium.experiment.unused_options import unused_options
from latentshot.lasium.recipes.transfer import TRANSFER
from latentshot.models.applications import application

LINEAR = ["--learner", "linear", "--embedding", "mobilenet:0.25", "--network-side", "32"]
SMALL = ["--n-way", "3", "--n-query", "1"]


@pytest.mark.slow
@pytest.mark.usefixtures("unexported")
def test_a_run_that_was_stopped_between_two_shots_ends_as_one_that_was_not_and_without_the_weights(
    mobilenet_weights, colour_folder, tmp_path, monkeypatch
):
    weights = Path(shutil.copy(mobilenet_weights, tmp_path))
    whole, stopped = tmp_path / "whole", tmp_path / "stopped"
    command = [
        *TINY,
        *LINEAR,
        *SMALL,
        "--dataset",
        f"folder:{colour_folder}",
        "--weights",
        weights,
        "--pooling",
        "flatten",
        "--run-dir",
    ]
    call(train_meta.main, [*command, whole])
    measure = Evaluation.measure
    with monkeypatch.context() as patched:
        patched.setattr(Evaluation, "measure", lambda self, *a: measure(self, *a) if self.shape.k_shot == 1 else 1 / 0)
        with pytest.raises(ZeroDivisionError):
            call(train_meta.main, [*command, stopped])
    weights.unlink()
    call(train_meta.main, [*command, stopped, "--resume"])
    assert results(stopped) == results(whole)
    first = results(whole)[0]
    assert first["method"] == "Linear Classifier, mobilenet-0.25"
    assert first["options"] == "c 1, mobilenet.weights.h5 at 32, flattened, n query 1"
    kept = keras.models.load_model(whole / "embedding.keras")
    ours = application("mobilenet:0.25", (84, 84, 3), mobilenet_weights, 32, "flatten")
    images = np.random.default_rng(0).random((2, 84, 84, 3), dtype=np.float32)
    np.testing.assert_array_equal(kept(images), ours(images))


def test_what_no_backbone_can_be_made_of_is_told_before_a_run_begins(mobilenet_weights, here, tmp_path):
    run = ["--run-dir", tmp_path / "run", "--learner", "linear", "--n-unlabelled", "100"]
    of = [*run, "--network-side", "32", "--weights", mobilenet_weights, "--embedding"]
    assert "mobilenet.weights.h5 holds no weights of mobilenet:0.5 without its head" in here(*of, "mobilenet:0.5")
    text = tmp_path / "weights.h5"
    text.write_text("not weights")
    of_text = [*run, "--network-side", "32", "--weights", text, "--embedding", "vgg19"]
    assert "weights.h5 holds no weights of vgg19 without its head" in here(*of_text)
    assert "keras.applications has no network 'vgg91': choose among" in here(*of, "vgg91")
    small = here(*run, "--weights", mobilenet_weights, "--embedding", "mobilenet:0.25")
    assert "takes images of 32 pixels a side or more, not 28x28: scale them up (of folders and tfds by" in small
    assert "bin/train_meta.py has --network-side)" in small
    assert "weights is for networks of keras.applications" in here(*of, "vae")
    assert not (tmp_path / "run").exists()


def test_a_backbone_without_weights_has_imagenets_and_a_recipe_says_where_they_are_missing(tmp_path, monkeypatch):
    config = MetaConfig(dataset="omniglot", **TRANSFER)
    assert (method_name(config), options_text(config)) == (
        "Linear Classifier, vgg19",
        "c 1, imagenet at 224, flattened",
    )
    assert unused_options(config, {}) == []
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    assert "ImageNet's weights of vgg19" in missing({"dataset": "glyphs", **TRANSFER})
    assert missing({"dataset": "glyphs", **TRANSFER, "weights": "theirs.h5"}) == ""
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224_no_top.h5").touch()
    options = {"dataset": "glyphs", "learner": "linear"}
    assert "ImageNet's weights of mobilenet " in missing({**options, "embedding": "mobilenet"})
    assert missing({**options, "embedding": "mobilenet-v2"}) == ""
