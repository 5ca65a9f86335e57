"""Exports with scikit-learn's habits: images and labels of any kind, answers, the state on disk, wrong input."""

import json

import keras
import numpy as np
import pytest
import tensorflow as tf
from conftest import blob_split
from made_exports import export_blurred_pixels
from PIL import Image
from sklearn.exceptions import NotFittedError

import latentshot as ls
from latentshot.glico.experiment.export import export
from latentshot.lasium.learners.calibration import Calibration

SHAPE = (8, 8, 1)
SPLIT = blob_split(5, per_class=12)
SUPPORT, QUERIES = (np.flatnonzero(np.arange(60) % 12 < 3), np.flatnonzero(np.arange(60) % 12 >= 3))


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """ProtoNets on the pixels, which tell blobs apart; a query far from every class is none of them."""
    learner = ls.ProtoNets(keras.Sequential([keras.Input(SHAPE), keras.layers.Flatten()]))
    state = learner.adapted(SPLIT.images[SUPPORT] / np.float32(255), tf.constant(SPLIT.labels[SUPPORT]))
    lowest = learner.adapted_logits(state, SPLIT.images[QUERIES] / np.float32(255)).numpy().max(axis=1).min()
    learner.calibrate([Calibration(3, 2.0, float(lowest) - 1e-3)])
    folder = tmp_path_factory.mktemp("run") / "export"
    learner.export(folder)
    return learner, folder


@pytest.fixture
def fitted(exported):
    return ls.load_learner(exported[1]).fit(SPLIT.images[SUPPORT], SPLIT.labels[SUPPORT])


def test_it_answers_as_the_learner_does(exported, fitted):
    learner, _ = exported
    images = [tf.constant(SPLIT.images[part] / np.float32(255)) for part in (SUPPORT, QUERIES)]
    expected = learner.adapt_and_predict(images[0], SPLIT.labels[SUPPORT], images[1])
    np.testing.assert_allclose(fitted.predict_proba(images[1].numpy()), expected, atol=1e-6)
    np.testing.assert_array_equal(fitted.classes_, range(5))
    assert fitted.score(SPLIT.images[QUERIES], SPLIT.labels[QUERIES]) > 0.9


@pytest.mark.parametrize(
    "names",
    [list("edcba"), [1.5, 0, -3, 7, 2], [("a", 1), ("a", 2), ("b", 0), ("c", 1), ("b", 1)], ["x", 3, 2.5, True, b"y"]],
)
def test_labels_may_be_of_any_kind(exported, names):
    labels = [names[i] for i in SPLIT.labels]
    learner = ls.load_learner(exported[1]).fit(SPLIT.images[SUPPORT], [labels[i] for i in SUPPORT])
    assert learner.predict(SPLIT.images[QUERIES[:3]]).tolist() == [labels[i] for i in QUERIES[:3]]
    assert set(learner.classes_.tolist()) == set(names)
    best = learner.predict_proba(SPLIT.images[QUERIES[-1:]]).argmax()
    assert learner.classes_.tolist()[best] == names[4]


def test_many_images_are_answered_in_parts_each_in_its_own_place(fitted, monkeypatch):
    whole = fitted.predict_proba(SPLIT.images), fitted.embed(SPLIT.images)
    monkeypatch.setattr("latentshot.estimators.few_shot.AT_ONCE", 7)  # 60 images are nine parts, not all of one size
    np.testing.assert_allclose(fitted.predict_proba(SPLIT.images), whole[0], atol=1e-6)
    np.testing.assert_allclose(fitted.embed(SPLIT.images), whole[1], atol=1e-6)
    np.testing.assert_allclose(whole[1], SPLIT.images.reshape(60, -1) / 255.0, atol=1e-6)


def test_files_pil_images_and_arrays_of_any_size_are_the_same_image(fitted, tmp_path):
    image = SPLIT.images[QUERIES[0], :, :, 0]
    picture = Image.fromarray(image)
    picture.save(tmp_path / "query.png")
    as_colour, larger = picture.convert("RGB"), picture.resize((16, 16), Image.Resampling.NEAREST)
    kinds = [
        str(tmp_path / "query.png"),
        tmp_path / "query.png",
        picture,
        as_colour,
        image,
        image / 255.0,
        image[..., None],
    ]
    answers = fitted.predict_proba([*kinds, np.asarray(larger), larger])
    np.testing.assert_allclose(answers[: len(kinds)], answers[:1].repeat(len(kinds), axis=0), atol=1e-5)
    np.testing.assert_allclose(answers[-1], answers[-2], atol=1e-6)
    for batch in (image[None], image[None, ..., None], image[None].astype(int), image[None] / 255.0):
        np.testing.assert_allclose(fitted.predict_proba(batch), answers[:1], atol=1e-5)
    np.testing.assert_allclose(fitted.predict_proba([tmp_path / "query.png"]), answers[:1], atol=1e-5)


def test_what_is_far_from_every_class_is_none_of_these(exported, fitted):
    odd = np.zeros((1, *SHAPE), np.uint8)
    assert not fitted.none_of_these(SPLIT.images[QUERIES]).any()
    assert fitted.none_of_these(odd).all()
    names = ls.load_learner(exported[1], none_label="none").fit(
        SPLIT.images[SUPPORT], ["abcde"[i // 3] for i in range(15)]
    )
    assert names.predict(np.concatenate([odd, SPLIT.images[QUERIES[:1]]])).tolist() == ["none", "a"]


def test_a_fitted_state_is_saved_and_loaded(exported, fitted, tmp_path):
    fitted.save(tmp_path / "state.npz")
    again = ls.load_learner(exported[1]).load(tmp_path / "state.npz")
    np.testing.assert_array_equal(again.predict_proba(SPLIT.images), fitted.predict_proba(SPLIT.images))
    np.testing.assert_array_equal(again.classes_, fitted.classes_)
    assert [file.name for file in tmp_path.iterdir()] == ["state.npz"]
    (tmp_path / "state.npz").write_bytes((tmp_path / "state.npz").read_bytes()[:-200])
    with pytest.raises(ValueError, match=r"state.npz is no file that `save` wrote"):
        again.load(tmp_path / "state.npz")


def test_a_few_shot_learner_that_inverts_answers_negatives_as_it_does_images(tmp_path):
    export_blurred_pixels(tmp_path, SHAPE, 1, 0.9)  # by the cosine: negatives are as far apart as their images
    plain, inverting = ls.load_learner(tmp_path), ls.load_learner(tmp_path, invert=True)
    plain.fit(SPLIT.images[SUPPORT], SPLIT.labels[SUPPORT])
    inverting.fit(255 - SPLIT.images[SUPPORT], SPLIT.labels[SUPPORT])
    queries = SPLIT.images[QUERIES]
    np.testing.assert_allclose(inverting.predict_proba(255 - queries), plain.predict_proba(queries), atol=1e-5)
    np.testing.assert_allclose(inverting.embed(255 - queries), plain.embed(queries), atol=1e-6)


def test_a_classifier_that_inverts_answers_negatives_as_it_does_images(tmp_path):
    keras.utils.set_random_seed(0)
    export(tmp_path, ls.weak_cnn(SHAPE, 5), None)
    plain, inverting = ls.load_learner(tmp_path), ls.load_learner(tmp_path, invert=True)
    np.testing.assert_allclose(
        inverting.predict_proba(255 - SPLIT.images), plain.predict_proba(SPLIT.images), atol=1e-6
    )


@pytest.mark.parametrize(
    ("images", "labels", "message"),
    [
        ([], [], "no labels"),
        ([SPLIT.images[0]] * 2, ["a", "a"], "only one class, 'a'"),
        (SPLIT.images[:3], ["a", "b"], "3 images and 2 labels"),
        (SPLIT.images[:2], ["a", None], "label 1 is None"),
        (SPLIT.images[:2], ["a", float("nan")], "label 1 is nan"),
        (SPLIT.images[:2], ["a", ["b"]], "label 1 is a list, which cannot name a class"),
        (SPLIT.images[:2], np.eye(2), r"labels of shape \(2, 2\)"),
        (SPLIT.images[:2] * 2.0, ["a", "b"], "the array has values from .*: floats are from 0 to 1"),
        ([SPLIT.images[0] / 255.0, np.full(SHAPE, np.nan)], ["a", "b"], "image 1 has values from nan to nan"),
        ([SPLIT.images[0], "nowhere.png"], ["a", "b"], "nowhere.png is no readable image"),
        ([SPLIT.images[0], {}], ["a", "b"], "image 1 is a dict: give files, PIL images or arrays"),
        ([SPLIT.images[0], np.zeros((2, 2, 2, 2), np.uint8)], ["a", "b"], "image 1 has the shape"),
        (SPLIT.images[0, :, :, 0], ["a", "b"], r"an array of shape \(8, 8\)"),
        ("one.png", ["a", "b"], "in a list"),
    ],
)
def test_what_is_no_example_is_told_in_one_line(exported, images, labels, message):
    with pytest.raises(ValueError, match=message) as raised:
        ls.load_learner(exported[1]).fit(images, labels)
    assert "\n" not in str(raised.value)


def test_files_may_be_a_column(fitted, tmp_path):
    files = [tmp_path / f"{i}.png" for i in range(3)]
    for file, place in zip(files, QUERIES[::12], strict=False):
        Image.fromarray(SPLIT.images[place, :, :, 0]).save(file)
    expected = fitted.predict_proba(files)
    np.testing.assert_array_equal(fitted.predict_proba(np.array(files)), expected)
    np.testing.assert_array_equal(fitted.predict_proba(np.array([str(file) for file in files])), expected)


def test_what_cannot_be_answered_is_told(exported, fitted, tmp_path):
    learner, folder = exported
    with pytest.raises(NotFittedError, match="call fit"):
        ls.load_learner(folder).predict(SPLIT.images)
    with pytest.raises(ValueError, match="is no exported learner"):
        ls.load_learner(tmp_path)
    for labels in ([("a", i // 12) for i in range(24)], np.repeat([b"x", b"y"], 12).tolist()):
        odd = ls.load_learner(folder).fit(SPLIT.images[:24], labels)
        with pytest.raises(ValueError, match="cannot be saved; strings and numbers can"):
            odd.save(tmp_path / "state.npz")
    assert not list(tmp_path.iterdir())
    learner.calibrate([])
    learner.export(tmp_path / "plain")
    with pytest.raises(ValueError, match="no threshold"):
        ls.load_learner(tmp_path / "plain", none_label="?").fit(SPLIT.images[:24], SPLIT.labels[:24])
    fitted.save(tmp_path / "state.npz")
    with pytest.raises(ValueError, match="was saved with invert=False: load the learner with it too"):
        ls.load_learner(fitted.export, invert=True).load(tmp_path / "state.npz")
    with pytest.raises(ValueError, match="was saved by another learner"):
        ls.load_learner(tmp_path / "plain").load(tmp_path / "state.npz")


def test_a_classifier_of_glico_has_the_same_habits(tmp_path):
    keras.utils.set_random_seed(0)
    network = ls.weak_cnn(SHAPE, 5)
    for name in ("baseline", "glico"):
        export(tmp_path / "export" / "10-per-class" / name, network, None)
    (tmp_path / "export" / "10-per-class" / "classes.json").write_text(json.dumps(list("abcde")))
    with pytest.raises(ValueError, match=r"has several classifiers: name one of .*baseline, .*glico"):
        ls.load_learner(tmp_path)
    learner = ls.load_learner(tmp_path / "export" / "10-per-class" / "glico")
    expected = tf.nn.softmax(network(SPLIT.images / np.float32(255))).numpy()
    np.testing.assert_allclose(learner.predict_proba(SPLIT.images), expected, atol=1e-6)
    predicted = learner.predict([Image.fromarray(image[..., 0]) for image in SPLIT.images])
    assert predicted.tolist() == [list("abcde")[i] for i in expected.argmax(axis=1)]
    assert learner.score(SPLIT.images, predicted) == 1
    with pytest.raises(ValueError, match=r"no label, such as 0, is among the learner's, such as 'a', 'b'"):
        learner.score(SPLIT.images, SPLIT.labels)
    with pytest.raises(ValueError, match="image 0 is a NoneType"):
        learner.predict([None])
