"""TF-Hub generators, on small modules made in the published ones' format (the published weights are not run here)."""

import http.server
import io
import json
import tarfile
import threading

import numpy as np
import pytest
import tensorflow as tf
from hub_modules import make_bigbigan, make_progan
from real_commands import TINY, call, results

from latentshot.bin import train_meta
from latentshot.datasets import Dataset, Split
from latentshot.lasium.experiment.build_generator import fitting_generator, pretrained_generator
from latentshot.lasium.experiment.build_tasks import synthetic_source
from latentshot.lasium.experiment.config import MetaConfig
from latentshot.lasium.experiment.description import method_name
from latentshot.lasium.tasks.anchors import ImageAnchors, PriorAnchors
from latentshot.models import hub
from latentshot.models.generator import EncodingGenerator
from latentshot.models.hub import HubGenerator, hub_generator, in_parts
from latentshot.models.hub_handles import HANDLES
from latentshot.models.hub_randomness import without_chance

SHAPE = (84, 84, 3)


@pytest.fixture(scope="module")
def progan(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hub") / "progan"
    make_progan(folder)
    return folder


@pytest.fixture(scope="module")
def bigbigan(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hub") / "bigbigan"
    make_bigbigan(folder)
    return folder


def latents(n, dim):
    return tf.random.stateless_normal((n, dim), (0, 0))


@pytest.mark.parametrize(("name", "dim", "output_range"), [("progan", 512, (0, 1)), ("bigbigan", 120, (-1, 1))])
def test_a_module_makes_images_of_the_wanted_size_in_the_wanted_range(name, dim, output_range, request):
    generator = hub_generator(str(request.getfixturevalue(name)), SHAPE, output_range=output_range)
    images = generator.generate(latents(20, dim)).numpy()
    print(f"{name}: pixels from {images.min():.4f} to {images.max():.4f}")
    assert generator.latent_dim == dim
    assert images.shape == (20, *SHAPE)
    assert 0 <= images.min() < 0.1
    assert 0.9 < images.max() <= 1


def test_the_pixels_are_those_of_the_module_scaled(bigbigan):
    import tensorflow_hub

    module = tensorflow_hub.load(str(bigbigan), tags=[])
    generator = HubGenerator(module, (128, 128, 3), output_range=(-1, 1))
    own = module.signatures["generate"](z=latents(3, 120))["default"]
    np.testing.assert_allclose(generator.generate(latents(3, 120)), 0.5 + 0.5 * own, atol=1e-6)


def test_a_module_runs_inside_a_stream(progan):
    generator = hub_generator(str(progan), SHAPE)
    stream = tf.data.Dataset.from_tensors(latents(5, 512)).map(generator.generate)
    np.testing.assert_allclose(next(iter(stream)), generator.generate(latents(5, 512)), atol=1e-6)


@pytest.mark.parametrize("n", [1, 16, 17, 40])
def test_many_inputs_go_through_in_parts_and_in_order(n):
    sizes = []

    def double(part):
        tf.py_function(lambda p: sizes.append(len(p)), [part], [])
        return 2.0 * part

    inputs = tf.reshape(tf.range(3.0 * n), (n, 3))
    np.testing.assert_array_equal(in_parts(double, inputs, (3,)), 2.0 * inputs)
    assert max(sizes) <= hub.AT_ONCE


def test_bigbigan_encodes_and_progan_does_not(progan, bigbigan):
    assert not isinstance(hub_generator(str(progan), SHAPE), EncodingGenerator)
    generator = hub_generator(str(bigbigan), SHAPE, output_range=(-1, 1))
    assert isinstance(generator, EncodingGenerator)
    images = generator.generate(latents(4, 120))
    found = generator.module.signatures["encode"](x=tf.image.resize(2.0 * images - 1.0, (256, 256), antialias=True))
    np.testing.assert_allclose(generator.encode(images), found["z_mean"], atol=1e-4)


def test_anchors_come_from_the_prior_unless_images_are_asked_for(bigbigan, progan):
    config = MetaConfig(generator=f"hub:{bigbigan}", output_range=(-1.0, 1.0))
    generator = fitting_generator(pretrained_generator(config), config, SHAPE)
    images = np.zeros((9, *SHAPE), np.uint8) + np.arange(9, dtype=np.uint8)[:, None, None, None] * 20

    dataset = Dataset("made", {"train": Split(images, np.zeros(9, np.int32), ("unlabelled",))})
    assert isinstance(synthetic_source(config, dataset, generator).anchors, PriorAnchors)
    asked = MetaConfig(generator=f"hub:{bigbigan}", anchors="images")
    assert isinstance(synthetic_source(asked, dataset, generator).anchors, ImageAnchors)
    with pytest.raises(ValueError, match="does not encode"):
        synthetic_source(asked, dataset, hub_generator(str(progan), SHAPE))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"signature": "draw"}, "no signature 'draw': choose one of encode, generate"),
        ({"signature": "encode"}, "no images"),
        ({"latent_dim": 100}, "latent_dim is 100; the module's latents have 120 dimensions"),
    ],
)
def test_a_module_that_does_not_fit_is_told(bigbigan, options, message):
    with pytest.raises(ValueError, match=message):
        hub_generator(str(bigbigan), SHAPE, **options)


def test_pixels_out_of_range_name_the_option(bigbigan):
    with pytest.raises(ValueError, match=r"makes pixels from -.* --output-range -1,1"):
        pretrained_generator(MetaConfig(generator=f"hub:{bigbigan}"))


def test_a_folder_without_a_module_is_told(tmp_path):
    with pytest.raises(ValueError, match=r"holds no TF-Hub module: it has no saved_model\.pb"):
        hub_generator(str(tmp_path), SHAPE)


@pytest.fixture
def server(progan):
    """Serves the module's archive, as TF-Hub's host does."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w:gz") as archive:
        archive.add(progan, arcname=".")

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(data.getvalue())

        def log_message(self, *_):
            pass

    running = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=running.serve_forever, daemon=True).start()
    yield running
    running.shutdown()
    running.server_close()


def test_a_copy_that_lost_its_graph_is_named_and_fetched_again(server, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("TFHUB_CACHE_DIR", str(tmp_path))
    handle = f"http://127.0.0.1:{server.server_port}/progan/1"
    assert hub_generator(handle, SHAPE).latent_dim == 512
    (graph,) = tmp_path.rglob("saved_model.pb")
    graph.unlink()
    assert hub_generator(handle, SHAPE).latent_dim == 512
    said = capsys.readouterr().err
    assert f"{graph.parent}, the copy of {handle}, cannot be loaded and is fetched again" in said
    assert "it has no saved_model.pb" in said
    (index,) = tmp_path.rglob("variables.index")
    index.unlink()
    assert hub_generator(handle, SHAPE).latent_dim == 512


def test_no_network_and_no_copy_name_the_ways_out(tmp_path, monkeypatch):
    monkeypatch.setenv("TFHUB_CACHE_DIR", str(tmp_path))
    with pytest.raises(RuntimeError, match=r"run once with a network .*TFHUB_CACHE_DIR.*progan:FOLDER, .*hub:FOLDER"):
        hub_generator("http://127.0.0.1:9/progan/1", SHAPE)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "generator", "options", "method"),
    [
        ("progan", "hub:{}", ["--learner", "protonets"], "LASIUM-RO-progan-ProtoNets"),
        pytest.param(
            *("bigbigan", "hub:{}", ["--output-range", "-1,1"], "LASIUM-RO-bigbigan-MAML"),
            marks=pytest.mark.soak,
        ),
        ("bigbigan", "bigbigan:{}", ["--anchors", "images"], "LASIUM-RO-GAN-MAML"),
    ],
)
@pytest.mark.usefixtures("undrawn")
def test_the_command_runs_on_a_module(name, generator, options, method, request, colour_folder, tmp_path):
    """Colour images of 84x84, as in the paper; a run of some steps from the module to the results."""
    module, run = generator.format(request.getfixturevalue(name)), tmp_path / "run"
    arguments = ["--dataset", f"folder:{colour_folder}", "--generator", module, *options, "--k-shot", "1"]
    call(train_meta.main, [*TINY, "--recipe", "paper", *arguments, "--n-way", "3", "--n-query", "2", "--run-dir", run])
    (row,) = results(run)
    assert row["method"] == method
    assert ("alpha 0.3" in row["options"]) == generator.startswith("bigbigan")
    assert (run / "pictures" / "interpolations.png").exists()


@pytest.mark.usefixtures("unexported")
def test_a_modules_encoder_is_an_embedding_of_images_with_its_channels(bigbigan, colour_folder, here, tmp_path):
    knn = ["--learner", "knn", "--embedding", f"bigbigan:{bigbigan}", "--k-shot", "1", "--n-tasks", "2"]
    said = here(*knn, "--run-dir", tmp_path / "grey")
    assert "the module makes images of 3 channels; 1 are wanted" in said
    options = ["--dataset", f"folder:{colour_folder}", "--recipe", "paper", "--n-way", "3", "--n-query", "2"]
    call(train_meta.main, [*knn, *options, "--run-dir", tmp_path / "run"])
    (row,) = results(tmp_path / "run")
    assert row["method"] == "K-nearest neighbors, BigBiGAN"
    assert json.loads((tmp_path / "run" / "config.json").read_text())["data"]["embedding"]


def test_a_module_is_called_by_its_name_and_not_by_its_version():
    assert method_name(MetaConfig(generator=f"hub:{HANDLES['progan']}")) == "LASIUM-RO-progan-128-MAML"


def test_draws_whose_seeds_a_module_counts_are_told(tmp_path, capsys):
    class Noisy(tf.Module):
        def __init__(self):
            super().__init__()
            self.chance = tf.random.Generator.from_seed(0)

        @tf.function(input_signature=[tf.TensorSpec((None, 2))])
        def __call__(self, latents):
            return latents + self.chance.normal(tf.shape(latents))

    tf.saved_model.save(Noisy(), str(tmp_path))
    with without_chance(str(tmp_path)) as folder:
        assert folder == str(tmp_path)
    assert "may draw other random numbers in every call; then runs do not repeat" in capsys.readouterr().err


def test_two_functions_of_a_module_draw_different_numbers(tmp_path, capsys):
    class Noisy(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec((None, 2))])
        def first(self, latents):
            return tf.random.normal(tf.shape(latents))

        @tf.function(input_signature=[tf.TensorSpec((None, 2))])
        def second(self, latents):
            return tf.random.normal(tf.shape(latents))

    tf.saved_model.save(Noisy(), str(tmp_path))
    with without_chance(str(tmp_path)) as folder:
        module = tf.saved_model.load(folder)
    assert "here they are the same in every call" in capsys.readouterr().err
    first, again, second = module.first(latents(3, 2)), module.first(latents(3, 2)), module.second(latents(3, 2))
    np.testing.assert_array_equal(first, again)
    assert np.abs(first - second).max() > 0.01
