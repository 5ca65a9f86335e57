"""Exports for other runtimes: each answers there as it does here, and what cannot be is told."""

import json
import shutil

import keras
import numpy as np
import pytest
import tensorflow as tf
from made_exports import export_glico

import latentshot as ls
from latentshot.estimators import conversion
from latentshot.estimators.conversion import convert

SHAPE = (8, 8, 1)
KINDS = ["onnx", "litert", "saved-model"]


@pytest.fixture(scope="module")
def protonets(tmp_path_factory):
    keras.utils.set_random_seed(0)
    folder = tmp_path_factory.mktemp("protonets") / "export"
    ls.ProtoNets(ls.conv4(SHAPE, filters=4), "cosine").export(folder)
    return ls.load_learner(folder)


@pytest.fixture(scope="module")
def glico(tmp_path_factory):
    folder = tmp_path_factory.mktemp("glico") / "glico"
    model = export_glico(folder, SHAPE)
    return ls.load_learner(folder), model


@pytest.fixture
def named_glico(glico, tmp_path):
    """A copy with names of its classes beside it."""
    folder = shutil.copytree(glico[0].export.parent, tmp_path / "run")
    (folder / "classes.json").write_text('["a", "b", "c"]')
    return ls.load_learner(folder / glico[0].export.name)


def needs(kind):
    for package in conversion.NEEDS[kind]:
        pytest.importorskip(package, reason=f"{package} is not installed: the extra `export` has it")


@pytest.mark.filterwarnings("ignore")  # of tf2onnx and LiteRT's converter, under newer numpy and protobuf
@pytest.mark.parametrize("kind", KINDS)
def test_protonets_answer_elsewhere_as_here(protonets, kind, tmp_path):
    needs(kind)
    found, notes = convert(protonets, kind, tmp_path / "out")
    assert [each.name for each in found] == ["embedding", "head"]
    for each in found:
        assert each.problem == ""
        assert each.difference <= 1e-4
        assert each.size > 1000
        assert each.file is not None
        assert each.file.exists()
    assert len(notes) == (kind == "saved-model")


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", KINDS[:2])
def test_classifier_and_sampler_of_glico_answer_elsewhere_as_here(named_glico, kind, tmp_path):
    needs(kind)
    found, _ = convert(named_glico, kind, tmp_path / "out")
    assert [(each.name, each.problem) for each in found] == [("classifier", ""), ("sampler", "")]
    assert json.loads((tmp_path / "out" / "classes.json").read_text()) == ["a", "b", "c"]


@pytest.mark.filterwarnings("ignore")
def test_the_saved_model_has_its_class_names_beside_it(named_glico, tmp_path):
    _, notes = convert(named_glico, "saved-model", tmp_path / "out")
    assert ls.load_learner(tmp_path / "out" / "saved-model").classes_.tolist() == ["a", "b", "c"]
    assert "members" in notes[0]


def test_between_goes_from_one_image_to_another(glico):
    learner, model = glico
    noise = tf.zeros((3, 3))
    images = learner.model.between([0, 0, 0], [1, 1, 1], [0.0, 0.5, 1.0], noise)
    ends = model.decode(model.codes(tf.constant([0, 1])), noise[:2])
    np.testing.assert_allclose(tf.gather(images, [0, 2]), ends, atol=1e-5)
    np.testing.assert_array_equal(model.decode(model.codes(tf.constant([0])), noise[:1]).shape, (1, *SHAPE))


def test_members_are_the_images_of_a_class(glico):
    learner, _ = glico
    assert [learner.model.members(label).numpy().tolist() for label in range(3)] == [[0, 1], [2, 3], [4, 5]]


@pytest.mark.filterwarnings("ignore")
def test_a_file_that_answers_otherwise_is_not_left(protonets, tmp_path, monkeypatch):
    needs("onnx")
    wrong = lambda file: lambda inputs: np.full((len(inputs[-1]), 1), 9.0)  # noqa: E731
    monkeypatch.setitem(conversion.RUNTIMES, "onnx", wrong)
    found, _ = convert(protonets, "onnx", tmp_path / "out")
    assert all(each.file is None and "differ from TensorFlow's by" in each.problem for each in found)
    assert list((tmp_path / "out").iterdir()) == []
    (tmp_path / "out" / "mine").touch()
    with pytest.raises(ValueError, match="is not empty: choose another --out"):
        convert(protonets, "onnx", tmp_path / "out")


def test_what_mamls_adaptation_can_be_replaced_by_is_told(tmp_path):
    ls.MAML(ls.conv4(SHAPE, 3, filters=2, momentum=0.0), eval_inner_steps=1).export(tmp_path / "export")
    found, notes = conversion.parts(ls.load_learner(tmp_path))
    assert [each.name for each in found] == ["embedding"]
    assert "adapt with the SavedModel" in notes[0]


def test_a_missing_package_is_named(protonets, tmp_path, monkeypatch):
    monkeypatch.setitem(conversion.NEEDS, "onnx", ("no_such_runtime",))
    with pytest.raises(ValueError, match=r"--format onnx takes no_such_runtime: pip install 'latentshot\[export\]'"):
        convert(protonets, "onnx", tmp_path / "out")
    assert not (tmp_path / "out").exists()
