import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from latentshot.datasets import load_dataset
from latentshot.datasets.cache import cached_arrays
from latentshot.datasets.glyphs import SCRIPTS, _draw_all


@pytest.fixture(scope="module")
def glyphs():
    return load_dataset("glyphs")


@pytest.fixture(scope="module")
def omniglot(prepared_tfds):
    return load_dataset("omniglot", prepared_tfds)


def test_glyphs_has_over_600_classes_of_20_drawings(glyphs):
    counts = np.concatenate([np.bincount(split.labels) for split in glyphs.splits.values()])
    assert len(counts) >= 600
    assert set(counts) == {20}
    assert glyphs.image_shape == (28, 28, 1)


def test_no_script_of_glyphs_is_in_two_splits(glyphs):
    scripts = {name: {letter.split()[0] for letter in split.class_names} for name, split in glyphs.splits.items()}
    assert not scripts["train"] & scripts["test"]
    assert not scripts["train"] & scripts["validation"]
    assert not scripts["validation"] & scripts["test"]
    assert scripts["test"] == set(SCRIPTS["test"])


def test_no_two_drawings_of_glyphs_are_equal_and_none_is_blank(glyphs):
    images = glyphs["test"].images
    assert len({image.tobytes() for image in images}) == len(images)
    assert images.max(axis=(1, 2, 3)).min() > 100


def test_glyphs_are_the_same_bytes_from_the_same_seed(monkeypatch):
    monkeypatch.setattr("latentshot.datasets.glyphs.SCRIPTS", {"train": ("OGHAM",), "test": ("TIFINAGH",)})
    first, again, other = _draw_all(0), _draw_all(0), _draw_all(1)
    np.testing.assert_array_equal(first["images"], again["images"])
    assert (first["images"] != other["images"]).any()


def test_omniglot_is_split_1200_100_323_without_a_shared_character(omniglot):
    names = {split: set(data.class_names) for split, data in omniglot.splits.items()}
    assert {split: len(found) for split, found in names.items()} == {"train": 1200, "validation": 100, "test": 323}
    assert len(set.union(*names.values())) == 1623
    assert all((np.bincount(data.labels) == 20).all() for data in omniglot.splits.values())


def test_ink_of_omniglot_is_one_and_paper_zero(omniglot):
    images = omniglot.unlabelled
    assert images.shape[1:] == (28, 28, 1)
    assert np.median(images) == 0
    assert images.max() == 255
    assert 0.05 < images.mean() / 255 < 0.15  # strokes cover about a twelfth of the paper


def test_fewer_unlabelled_images_are_different_ones_and_always_the_same(blobs):
    few = replace(blobs, n_unlabelled=50).unlabelled
    assert len({image.tobytes() for image in few}) == 50
    assert {image.tobytes() for image in few} <= {image.tobytes() for image in blobs.unlabelled}
    np.testing.assert_array_equal(few, replace(blobs, n_unlabelled=50).unlabelled)


def test_an_unknown_dataset_is_named_with_the_known_ones():
    with pytest.raises(ValueError, match=r"unknown dataset 'mnist': choose one of glyphs, omniglot"):
        load_dataset("mnist")


def test_an_unknown_split_is_named_with_the_known_ones(blobs):
    with pytest.raises(ValueError, match=r"blobs has no split 'dev': choose one of train, validation, test"):
        blobs["dev"]


def test_a_truncated_cache_file_is_made_again(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("LATENTSHOT_CACHE", str(tmp_path))
    arrays = {"a": np.arange(1000)}
    cached_arrays("x.npz", lambda: arrays)
    (tmp_path / "x.npz").write_bytes((tmp_path / "x.npz").read_bytes()[:100])
    np.testing.assert_array_equal(cached_arrays("x.npz", lambda: arrays)["a"], arrays["a"])
    assert "x.npz cannot be read" in capsys.readouterr().err
    np.testing.assert_array_equal(cached_arrays("x.npz", lambda: pytest.fail("made twice"))["a"], arrays["a"])


def test_omniglot_without_network_or_copy_names_the_ways_out(tmp_path):
    code = "from latentshot.datasets import load_dataset\nload_dataset('omniglot', 'empty')"
    env = {"LATENTSHOT_CACHE": str(tmp_path), "HOME": str(tmp_path), "TF_CPP_MIN_LOG_LEVEL": "2"}
    # No proxy and no such host: the download fails here as it does without a network.
    env |= {"https_proxy": "http://127.0.0.1:9", "http_proxy": "http://127.0.0.1:9"}
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=env, capture_output=True, text=True)
    assert done.returncode != 0
    assert "--data-dir" in done.stderr
    assert "--dataset glyphs" in done.stderr


def test_a_fingerprint_says_what_changed_and_counts(blobs):
    before = blobs.fingerprints
    assert before["unlabelled"].startswith("400 images, ")
    again = {name: replace(split) for name, split in blobs.splits.items()}  # with nothing computed yet
    assert replace(blobs, splits=again).fingerprints == before
    changed = blobs["test"].images.copy()
    changed[3, 0, 0] ^= 1
    after = replace(blobs, splits={**blobs.splits, "test": replace(blobs["test"], images=changed)}).fingerprints
    assert {name for name in before if before[name] != after[name]} == {"test"}
    assert replace(blobs, n_unlabelled=5).fingerprints["unlabelled"].startswith("5 images, ")
