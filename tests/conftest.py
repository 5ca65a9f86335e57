"""What tests share: small datasets, a generator that is all known, and where the real data lies."""

import gc
import os
import re
import shutil
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np
import pytest
import tensorflow as tf
from drawing import nothing_drawn
from hypothesis import settings
from made_images import save_images
from real_commands import call
from tensorflow.python.framework.config import disable_op_determinism  # TensorFlow has no public one

from latentshot.bin import train_meta
from latentshot.datasets import Dataset, Split, load_dataset
from latentshot.experiment import reproduction
from latentshot.lasium.learners.learner import FewShotLearner

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"

# the same examples at every run, however long they take
settings.register_profile("repeatable", deadline=None, derandomize=True, database=None)
settings.load_profile("repeatable")


LONGEST = (
    *("damaged_files", "made_images", "commands", "glico_commands", "readme", "generator_process", "strong_recipe"),
    *("reproduce", "examples", "cactus", "app", "gpu_readiness", "precision", "generators", "embedding_runs"),
    *("learners", "maml", "hub", "archive_recipes", "distribution", "tuning", "tasks", "datasets", "conversion"),
    *("predict", "fit", "deepcluster", "tuned", "glico_reproduce", "run_without_classes", "transfer_learning"),
    *("applications", "strategies", "latent_optimization"),
)


def pytest_collection_modifyitems(items):
    """The files that take longest come first, so that at the end no process computes alone (the Makefile has two)."""
    order = {f"test_{name}": place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: order.get(item.path.stem, len(order)))


def pytest_collection_finish():
    """Garbage is no longer looked for among what was imported: of the learners' tests that takes a sixteenth."""
    gc.freeze()


class PixelGenerator:
    """A third party's generator, encoder included: a latent is the image's four pixels, as logits."""

    latent_dim = 4
    image_shape = (2, 2, 1)

    def generate(self, latents):
        return tf.sigmoid(tf.reshape(latents, (-1, 2, 2, 1)))

    def encode(self, images):
        p = tf.clip_by_value(tf.reshape(images, (-1, 4)), 0.01, 0.99)
        return tf.math.log(p / (1 - p))


@pytest.fixture(scope="session", autouse=True)
def cache(tmp_path_factory):
    """A cache of the session's own: what an earlier version of the code left in the user's must not be tested."""
    own = tmp_path_factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "cache"  # one for all processes
    folder.mkdir(exist_ok=True)
    os.environ["LATENTSHOT_CACHE"] = str(folder)
    return folder


@pytest.fixture
def own_cache(cache, tmp_path):
    """Of one test."""
    return with_letters_alone(cache, tmp_path / "own-cache")


def with_letters_alone(cache, folder):
    """Another cache, which holds but the letters: they are drawn once for all."""
    load_dataset("glyphs")
    folder.mkdir()
    for letters in cache.glob("glyphs*.npz"):
        shutil.copy(letters, folder)
    return folder


@pytest.fixture(autouse=True)
def as_in_a_process_of_its_own():
    """Commands that a test calls here set determinism and precision, which the next test must not inherit."""
    yield
    disable_op_determinism()
    keras.config.set_dtype_policy("float32")


@pytest.fixture
def pixel_generator():
    return PixelGenerator()


@pytest.fixture
def pixel_images():
    """200 different 2x2 images, uint8."""
    return np.random.default_rng(0).integers(0, 256, (200, 2, 2, 1), dtype=np.uint8)


def blob_split(n_classes, per_class=20, size=8, seed=0):
    """Classes that are easy to tell: one noisy pattern each."""
    rng = np.random.default_rng(seed)
    patterns = rng.random((n_classes, size, size, 1))
    images = patterns.repeat(per_class, axis=0) + rng.normal(0, 0.1, (n_classes * per_class, size, size, 1))
    labels = np.arange(n_classes, dtype=np.int32).repeat(per_class)
    return Split((255 * images.clip(0, 1)).astype(np.uint8), labels, tuple(f"class {i}" for i in range(n_classes)))


def pixels(shape):
    """Images themselves as features, in a Keras model."""
    images = keras.Input(shape)
    return keras.Model(images, keras.layers.Flatten()(images))


@pytest.fixture
def blobs():
    return Dataset(
        "blobs", {"train": blob_split(20), "validation": blob_split(6, seed=1), "test": blob_split(8, seed=2)}
    )


@pytest.fixture
def float64():
    """Keras layers in float64 for the length of a test, so that finite differences mean something."""
    before = keras.config.floatx()
    keras.config.set_floatx("float64")
    keras.config.set_dtype_policy("float64")
    yield
    keras.config.set_floatx(before)
    keras.config.set_dtype_policy("float32")


@pytest.fixture(scope="session")
def prepared_tfds():
    folder = SHARED / "tfds"
    if not (folder / "omniglot").exists():
        pytest.skip("the prepared copy of Omniglot (../shared/tfds) is not here")
    return folder


@pytest.fixture
def here(monkeypatch, capsys):
    """Runs a command in this process, which saves the import of TensorFlow, and gives what it ends with."""

    def run(*arguments, main=train_meta.main):
        monkeypatch.setattr(sys, "argv", ["command", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        said = f"{ended.value.code} {capsys.readouterr().err}"
        return re.sub(r"[\s│]+", " ", said)  # the command line's own messages come in a box

    return run


@pytest.fixture
def rows_here(monkeypatch):
    """Rows of bin/reproduce.py are run in this process, by the command's main. Gives the words of those that ran."""

    def run_by(main):
        ran = []

        def run(words, log):
            log.touch()
            ran.append(words)
            try:
                call(main, words[2:])
            except SystemExit as ended:
                with log.open("a") as file:
                    file.write(f"{ended.code}\n")
                return 1
            return 0

        monkeypatch.setattr(reproduction, "run_child", run)
        return ran

    return run_by


@pytest.fixture
def undrawn():
    """Runs here have pictures of one pixel."""
    with nothing_drawn():
        yield


@pytest.fixture
def unexported(undrawn, monkeypatch):
    """Nor have they a model in their exports."""
    monkeypatch.setattr(FewShotLearner, "export", lambda self, path: path.mkdir(parents=True, exist_ok=True))
    monkeypatch.setattr(
        "latentshot.glico.experiment.run.export", lambda path, *_: path.mkdir(parents=True, exist_ok=True)
    )


@pytest.fixture
def own_folder(colour_folder, tmp_path):
    """A copy of `colour_folder`, to be changed."""
    return shutil.copytree(colour_folder, tmp_path / "own")


@pytest.fixture(scope="session")
def colour_folder(tmp_path_factory):
    """84x84 images: twelve without classes at two depths, and three classes of four to test on."""
    folder = tmp_path_factory.mktemp("photographs")
    save_images(folder / "train", 6)
    save_images(folder / "train" / "2019" / "summer", 6, seed=1)
    for number, name in enumerate(("blue", "green", "red")):
        save_images(folder / "test" / name, 4, seed=2 + number)
    return folder


@pytest.fixture(scope="session")
def mobilenet_weights(tmp_path_factory):
    """Of mobilenet:0.25 without its head, which are random, in a file as Keras publishes it."""
    keras.utils.set_random_seed(0)
    file = tmp_path_factory.mktemp("weights") / "mobilenet.weights.h5"
    network = keras.applications.MobileNet(alpha=0.25, include_top=False, weights=None, input_shape=(32, 32, 3))
    network.save_weights(file)
    return file
