"""What a user meets at `import latentshot`, and how quietly the commands start."""

import ast
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

import latentshot
from latentshot.models.acai import acai
from latentshot.models.bigan import bigan
from latentshot.models.msgan import omniglot_msgan
from latentshot.models.vae import omniglot_vae
from latentshot.training.quiet_start import is_banner

ROOT = Path(__file__).resolve().parent.parent


def in_a_fresh_process(code, *arguments):
    done = subprocess.run([sys.executable, "-c", code, *map(str, arguments)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    return done


def test_the_public_names_are_listed_and_type_checkers_see_the_same_as_python():
    assert set(latentshot.__all__) <= set(dir(latentshot))
    assert "__version__" in dir(latentshot)
    tree = ast.parse((ROOT / "__init__.py").read_text(encoding="utf-8"))
    (block,) = (node for node in tree.body if isinstance(node, ast.If))
    imports = [line for line in block.body if isinstance(line, ast.ImportFrom)]
    typed = {alias.name: line.module for line in imports for alias in line.names}
    assert typed == latentshot._HOME
    for name, module in typed.items():
        assert getattr(latentshot, name) is getattr(import_module(f"latentshot.{module}"), name)


def test_every_class_that_keras_saves_is_known_to_it_by_name():
    registered = [
        f"{node.name}"
        for room in ("models", "glico", "lasium", "training")
        for file in (ROOT / room).rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef)
        and any("register_keras_serializable" in ast.unparse(decorator) for decorator in node.decorator_list)
    ]
    assert sorted(registered) == sorted(latentshot._SERIALIZABLE)


@pytest.mark.slow
def test_after_a_quiet_start_and_the_import_alone_keras_loads_saved_generators(tmp_path):
    """In one process, for TensorFlow takes seconds to start. Nothing is said but what is no banner."""
    generators: dict[str, Any] = {
        "vae": omniglot_vae((8, 8, 1), 4),
        "msgan": omniglot_msgan((8, 8, 1), 4),
        "bigan": bigan((8, 8, 1), 4),
        "acai": acai((8, 8, 1)),
    }
    for name, generator in generators.items():
        generator.save(tmp_path / f"{name}.keras")
    code = """
import sys
import latentshot, numpy
from latentshot.training.quiet_start import start_tensorflow_quietly
class Talkative:
    def find_spec(self, name, path=None, target=None):
        if name == "tensorflow":
            print("something to know", file=sys.stderr)
sys.meta_path.insert(0, Talkative())
start_tensorflow_quietly()
assert "tensorflow" in sys.modules
import keras
assert "latentshot.models.vae" not in sys.modules
for name in ("vae", "msgan", "bigan", "acai"):
    model = keras.models.load_model(f"{sys.argv[1]}/{name}.keras")
    numpy.save(f"{sys.argv[1]}/{name}.npy", model.generate(numpy.ones((2, model.latent_dim), "float32")))
assert latentshot.load_generator(f"{sys.argv[1]}/vae.keras").latent_dim == 4
"""
    assert in_a_fresh_process(code, tmp_path).stderr == "something to know\n"
    for name, generator in generators.items():
        expected = keras.ops.convert_to_numpy(generator.generate(np.ones((2, generator.latent_dim), np.float32)))
        np.testing.assert_allclose(np.load(tmp_path / f"{name}.npy"), expected, atol=1e-6)


@pytest.mark.parametrize(
    ("line", "without_gpu", "with_gpu"),
    [
        ("I0000 00:00:1.2 1 cudart_stub.cc:31] Could not find cuda drivers on your machine", True, True),
        ("E0000 00:00:1.2 1 cuda_platform.cc:52] failed call to cuInit: INTERNAL: CUDA error", True, False),
        ("W0000 00:00:1.2 1 gpu_device.cc:2365] Cannot dlopen some GPU libraries.", True, False),
        ("E0000 00:00:1.2 1 cuda_blas.cc:9] an error of another kind", False, False),
    ],
)
def test_why_a_gpu_is_not_used_is_no_banner_where_there_is_one(line, without_gpu, with_gpu):
    assert (is_banner(line, has_gpu=False), is_banner(line, has_gpu=True)) == (without_gpu, with_gpu)
