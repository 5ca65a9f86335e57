"""Models and classes of others as generators, and files that are none."""

import itertools

import keras
import pytest

from latentshot.lasium.tasks.strategies import RandomOutOfClass
from latentshot.lasium.tasks.synthetic import synthetic_tasks
from latentshot.models.generator import FunctionalGenerator, as_generator, load_generator


def test_a_third_partys_keras_model_is_a_generator(tmp_path):
    """What the README shows: a model from latents to images, saved by Keras, and nothing else."""
    latents = keras.Input((6,))
    images = keras.layers.Reshape((8, 8, 1))(keras.layers.Dense(64, activation="sigmoid")(latents))
    keras.Model(latents, images).save(tmp_path / "theirs.keras")
    generator = load_generator(tmp_path / "theirs.keras")
    assert (generator.latent_dim, generator.image_shape) == (6, (8, 8, 1))
    x, _ = next(iter(synthetic_tasks(generator, RandomOutOfClass(0.2))))
    assert x["query_images"].shape == (4, 25, 8, 8, 1)


def test_a_third_partys_class_is_a_generator(pixel_generator):
    assert as_generator(pixel_generator) is pixel_generator
    tasks = list(itertools.islice(synthetic_tasks(pixel_generator, RandomOutOfClass(0.2)), 2))
    assert tasks[0][0]["support_images"].shape == (4, 5, 2, 2, 1)


def test_a_model_that_is_no_generator_is_an_error_with_its_shapes():
    classifier = keras.Sequential(
        [keras.Input((8, 8, 1)), keras.layers.Flatten(), keras.layers.Dense(2)], name="classifier"
    )
    with pytest.raises(ValueError, match=r"'classifier' maps \(None, 8, 8, 1\) to \(None, 2\)"):
        FunctionalGenerator(classifier)


def test_a_missing_or_broken_file_of_a_generator_is_named(tmp_path):
    with pytest.raises(ValueError, match=r"no generator at nowhere\.keras"):
        load_generator("nowhere.keras")
    broken = tmp_path / "broken.keras"
    broken.write_text("not a model")
    with pytest.raises(ValueError, match=r"broken\.keras is not a saved Keras model"):
        load_generator(broken)
