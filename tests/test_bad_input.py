"""What the real command says to wrong options, before anything is written."""

import re
from pathlib import Path

import keras
import pytest
from real_commands import TINY


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--dataset", "mnist"], "unknown dataset 'mnist'"),
        (["--dataset", "folder:"], "unknown dataset 'folder:'"),
        (["--dataset", "folder:nowhere"], f"no folder at {Path('nowhere').absolute()}"),
        (["--dataset", "celeba"], "has no identity_CelebA.txt. Download the aligned images"),
        (["--dataset", "mini-imagenet", "--data-dir", "tests"], "tests has no folder of class n01532829"),
        (["--image-size", "32"], "image_size and channels are for folders of images"),
        (["--generator", "hub:nowhere"], "nowhere holds no TF-Hub module"),
        (["--query-shift", "28"], "query_shift is 28, and images have 28 pixels a side: choose less"),
        (["--anchors", "images", "--generator", "msgan", "--generator-epochs", "1"], "does not encode them"),
        (
            ["--generator", "msgan", "--latent-dim", "9"],
            "latent_dim is for the vae, bigan and TF-Hub modules",
        ),
        (["--mode-seeking", "1"], "mode_seeking is for msgan, and the generator is vae"),
        (["--generator", "hub:nowhere", "--generator-lr", "1"], "generator_lr is for vae, msgan, acai, bigan"),
        (["--output-range", "1,0"], "output_range is 1,0; it must be two numbers that rise, as in -1,1"),
        (["--generator", "vae", "--signature", "generate"], "signature is for TF-Hub modules"),
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
        (["--generator", __file__], "test_bad_input.py is not a .keras file"),
        (["--generator", "msgan", "--generator-batch-size", "1"], "give 2 or more"),
        (["--generator", "acai", "--generator-batch-size", "1"], "images are mixed in pairs on each device: give 2 or"),
        (["--generator", "acai", "--anchors", "prior"], "the generator acai has none: give --anchors images"),
        (["--generator", "acai", "--latent-dim", "9"], "latent_dim is for the vae, bigan and TF-Hub modules"),
        (["--iterations", "7"], "iterations (7) must be a multiple of checkpoint_every (2)"),
    ],
)
def test_bad_input_ends_in_one_line_before_anything_is_written(arguments, message, tmp_path, here):
    run = tmp_path / "run"
    said = here(*TINY, "--run-dir", run, *arguments)
    assert message in said
    assert "Traceback" not in said
    assert not run.exists()


@pytest.mark.parametrize(
    ("side", "activation", "message"),
    [
        (4, "sigmoid", r"makes images of \(4, 4, 1\), and glyphs has \(28, 28, 1\)"),
        (28, "tanh", r"makes pixels from -.*keras\.layers\.Rescaling\(0\.5, 0\.5\)"),
    ],
)
def test_a_generator_of_other_images_or_pixels_is_an_error_with_theirs(tmp_path, here, side, activation, message):
    latents = keras.Input((4,))
    pixels = keras.layers.Dense(side * side, activation=activation)(latents)
    keras.Model(latents, keras.layers.Reshape((side, side, 1))(pixels)).save(tmp_path / "theirs.keras")
    said = here(*TINY, "--generator", tmp_path / "theirs.keras", "--run-dir", tmp_path / "run")
    assert re.search(message, said)
