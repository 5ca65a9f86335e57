"""TF-Hub modules as others publish them: with noise of their own, odd signatures and ranges, or of Keras 2."""

import shutil

import h5py
import numpy as np
import pytest
import tensorflow as tf
from hub_modules import make_progan

from latentshot.models.generator import load_generator
from latentshot.models.hub import hub_generator
from latentshot.training.determinism import seed_everything


@pytest.fixture(scope="module")
def noisy(tmp_path_factory):
    """A SavedModel of TensorFlow 2 with a signature of its own name, which adds noise as a StyleGAN does."""
    folder = tmp_path_factory.mktemp("noisy")
    module = tf.Module()
    module.kernel = tf.Variable(tf.random.stateless_normal((6, 4 * 4 * 3), (0, 0)))

    @tf.function(input_signature=[tf.TensorSpec((None, 6))])
    def serve(z):
        pixels = tf.reshape(tf.sigmoid(z @ module.kernel), (-1, 4, 4, 3))
        return 0.9 * pixels + 0.1 * tf.random.uniform(tf.shape(pixels))

    tf.saved_model.save(module, str(folder), signatures={"serving_default": serve})
    return folder


def test_a_module_that_draws_noise_makes_the_same_images_again_under_determinism(noisy):
    seed_everything(0)
    latents = tf.random.stateless_normal((5, 6), (0, 1))
    first, second = (hub_generator(str(noisy)).generate(latents).numpy() for _ in range(2))
    np.testing.assert_array_equal(first, second)
    clean = tf.sigmoid(latents @ tf.random.stateless_normal((6, 48), (0, 0)))
    noise = (first - 0.9 * clean.numpy().reshape(first.shape)) / 0.1
    assert 0.2 < np.std(noise) < 0.4  # of a uniform one 0.29
    assert noise.min() > -0.01


def test_a_module_is_known_by_its_files_and_its_variables(noisy, tmp_path):
    make_progan(tmp_path / "progan")
    before = hub_generator(str(tmp_path / "progan")).fingerprint
    (tmp_path / "progan" / "assets").mkdir(exist_ok=True)
    (tmp_path / "progan" / "assets" / "names.txt").write_text("of another signature")
    for folder in (noisy, tmp_path / "progan"):
        generator = hub_generator(str(folder))
        assert generator.fingerprint != before
        before = generator.fingerprint
        assert hub_generator(str(folder)).fingerprint == before
        variable = generator.function.variables[0]
        variable.assign(variable + 1.0)
        assert generator.fingerprint != before


def test_a_range_that_the_module_does_not_fill_is_noticed(noisy, capsys):
    hub_generator(str(noisy), output_range=(-1.0, 1.0))
    assert "and the output range is -1 to 1" in capsys.readouterr().err


def test_a_module_without_its_variables_is_told_in_one_line_before_the_dataset_is_read(noisy, tmp_path, here):
    shutil.copytree(noisy, tmp_path / "copy")
    shutil.rmtree(tmp_path / "copy" / "variables")
    said = here("--generator", f"hub:{tmp_path / 'copy'}", "--dataset", "celeba", "--run-dir", tmp_path / "run")
    assert "cannot be loaded as a TF-Hub module: it has no variables/variables.index; copy the whole folder" in said


def test_a_file_of_keras_2_is_told_from_one_of_keras_3_with_the_way_that_works(tmp_path):
    with h5py.File(tmp_path / "theirs.h5", "w") as file:
        file.attrs["keras_version"] = "2.12.0"
    with pytest.raises(ValueError, match=r"saved by Keras 2\.12\.0.*tf_keras.*--generator hub:FOLDER"):
        load_generator(tmp_path / "theirs.h5")
