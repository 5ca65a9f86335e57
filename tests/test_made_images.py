"""The command with images of GLICO, with pseudo-labels too, and of the DCGAN: resumed, shown, and measured."""

import json
import shutil

import numpy as np
import pytest
import real_commands
import tensorflow as tf
from forked_commands import command, start
from killing import assert_same_run, kill_when, saved_epoch
from PIL import Image
from real_commands import TINY_GLICO

from latentshot.bin import train_glico
from latentshot.datasets import load_dataset
from latentshot.glico.experiment.build_sample import draw_sample
from latentshot.glico.experiment.config import GlicoConfig
from latentshot.glico.experiment.distances import FeatureDistances
from latentshot.glico.experiment.sample import Sample
from latentshot.models.applications import application
from latentshot.models.feature_distances import frechet_distance, kernel_distance
from latentshot.training.precision import precision

FEATURES = ["--features", "mobilenet:0.25", "--features-side", "32", "--features-weights"]


@pytest.fixture(scope="module")
def whole(mobilenet_weights, cache, tmp_path_factory):
    """The arguments of a run, its folder, and what it said."""
    folder = tmp_path_factory.mktemp("made")
    arguments = [*TINY_GLICO, "--compare", "dcgan,glico+pseudo-labels,glico+mixmatch", "--unlabelled", "20"]
    arguments += ["--confidence", "0.2", *FEATURES, mobilenet_weights]
    return (
        arguments,
        folder / "run",
        real_commands.command("train_glico.py", [*arguments, "--run-dir", folder / "run"], cache),
    )


@pytest.mark.slow
def test_a_run_killed_in_the_dcgan_with_pseudo_labels_and_in_mixmatch_ends_as_one_that_was_not(whole, tmp_path):
    arguments, run, _ = whole
    killed, cache = tmp_path / "killed", tmp_path / "cache"  # of its own: trained models would be found there
    checkpoints = killed / "3-per-class" / "seed0" / "checkpoints"
    for stage in ("dcgan-generator", "glico+pseudo-labels", "glico+mixmatch"):
        process = start("train_glico.py", [*arguments, "--run-dir", killed, "--resume"], cache)
        kill_when(process, lambda stage=stage: saved_epoch(checkpoints / stage))
    command("train_glico.py", [*arguments, "--run-dir", killed, "--resume"], cache)
    assert_same_run(killed, run)


@pytest.mark.slow
def test_rows_have_their_distances_with_the_name_of_the_features_and_pictures_show_them(whole):
    _, run, said = whole
    rows = {row["method"]: row for row in json.loads((run / "results.json").read_text())}
    for row in rows.values():
        assert row["features"] == "mobilenet:0.25, mobilenet.weights.h5, 32 px, 900 images"
        assert row["frechet"] > 0
        assert f"{row['frechet']:.2f}" in said
        assert f"{row['kernel']:.4f}" in said
    assert rows["dcgan"]["psnr"] is rows["dcgan"]["pseudo_labelled"] is None
    assert rows["dcgan"]["frechet"] != rows["glico+pseudo-labels"]["frechet"]
    assert 0 < rows["glico+pseudo-labels"]["pseudo_labelled"] <= 20
    assert 0 <= rows["glico+pseudo-labels"]["pseudo_right"] <= 100
    page = (run / "report.html").read_text()
    for text in (
        f"{rows['dcgan']['kernel']:.4f}",
        "mobilenet:0.25, mobilenet.weights.h5, 32 px",
        "by the conditional DCGAN",
        "the weak classifier is sure",
    ):
        assert text in page
    for name in ("generators", "dcgan-new_images", "pseudo_labels", "dcgan-generator-curves"):
        with Image.open(run / "3-per-class" / "seed0" / "pictures" / f"{name}.png") as picture:
            assert picture.size[0] > 100
    exported = tf.saved_model.load(str(run / "export" / "3-per-class" / "dcgan"))
    assert exported.sample(tf.constant([0, 9]), tf.constant(3)).shape == (2, 16, 16, 1)
    assert not hasattr(exported, "between")


def test_the_labels_that_pseudo_labels_are_judged_by_are_the_images_own():
    dataset = load_dataset("digits", split_by="image")
    config = GlicoConfig(compare=("glico+pseudo-labels",), unlabelled=30, transductive=True)
    sample = draw_sample(config, dataset, 3, 0)
    pool = [(dataset[split].images, dataset[split].labels) for split in ("train", "test")]
    images, labels = (np.concatenate(parts) for parts in zip(*pool, strict=True))
    for image, label in zip(sample.unlabelled, sample.unlabelled_labels, strict=True):
        assert label in labels[(images == image).all(axis=(1, 2, 3))]
    assert len(sample.unlabelled) == 30 + len(dataset["test"].labels)


class Sampler:
    """Makes of each class one grey, a little brighter or darker by the seed."""

    def of_classes(self, labels, seed):
        noise = tf.random.stateless_uniform((len(labels), 32, 32, 1), seed, 0.0, 0.2)
        return tf.cast(labels, tf.float32)[:, None, None, None] / 5.0 + noise


def test_distances_are_those_of_as_many_made_images_of_each_class_and_of_grey_ones_in_three_channels(
    mobilenet_weights, tmp_path, blobs
):
    features = {"features": "mobilenet:0.25", "features_weights": mobilenet_weights, "features_side": 32}
    config = GlicoConfig(compare=("glico",), **features)
    real, labelled = blobs["test"], blobs["train"]  # of 8x8, which is scaled
    nothing = real.images[:0], real.labels[:0]
    sample = Sample(blobs, 5, labelled, *nothing, real, (), ())
    made_of = []

    class Noted(Sampler):
        def of_classes(self, labels, seed):
            made_of.extend(labels.numpy().tolist())
            return super().of_classes(labels, seed)[:, :8, :8]

    found = FeatureDistances(config, blobs).measured(Noted(), sample, tmp_path / "d.json")
    assert sorted(made_of) == sorted(real.labels.tolist())
    of_three_channels = application("mobilenet:0.25", (8, 8, 3), mobilenet_weights, 32)
    grey = [real.images.astype(np.float32) / 255.0]
    order = np.random.default_rng(0).permutation(len(real.labels))
    parts = [
        Sampler().of_classes(tf.constant(real.labels[order[i : i + 20]]), tf.constant([5, i]))
        for i in range(0, 160, 20)
    ]
    grey.append(np.concatenate([part[:, :8, :8] for part in parts]))
    grey.append(labelled.images.astype(np.float32) / 255.0)
    ours, made, own = (of_three_channels(np.repeat(images, 3, axis=-1), training=False).numpy() for images in grey)
    assert found["frechet"] == pytest.approx(frechet_distance(made, ours), rel=1e-3)
    assert found["kernel"] == pytest.approx(kernel_distance(made, ours), rel=1e-3)
    assert found["kernel_of_sample"] == pytest.approx(kernel_distance(own, ours), rel=1e-3)
    assert found["features"].endswith("160 images")
    # measured once, and the same of the file
    assert FeatureDistances(config, blobs).measured(Sampler(), sample, tmp_path / "d.json") == found
    # and the same whatever the run itself computes in
    with precision("mixed_bfloat16"):
        again = FeatureDistances(config, blobs).measured(Noted(), sample, tmp_path / "again.json")
    assert again == found


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--compare", "glico+dcgan"], "new images come from glico or from dcgan, leave out one"),
        (["--compare", "baseline", "--features", "mobilenet"], "add glico or dcgan to --compare"),
        (["--features-side", "64"], "features_side is for --features NETWORK: leave it out"),
        (["--features", "mobile"], "keras.applications has no network 'mobile'"),
        (["--features", "mobilenet", "--features-weights", "nowhere.h5"], "no file of weights at nowhere.h5"),
        (["--features", "mobilenet", "--features-side", "8"], "features_side is 8; it must be 32 or more"),
    ],
)
def test_what_cannot_be_measured_is_told_before_anything_is_written(arguments, message, tmp_path, here):
    said = here(*TINY_GLICO, "--run-dir", tmp_path / "run", *arguments, main=train_glico.main)
    assert message in said
    assert not (tmp_path / "run").exists()


@pytest.mark.slow
def test_damaged_distances_are_told(whole, tmp_path, here):
    arguments, run, _ = whole
    copy = tmp_path / "run"
    shutil.copytree(run, copy)
    (copy / "results.json").unlink()
    (copy / "3-per-class" / "seed0" / "dcgan-distances.json").write_text("{}")
    said = here(*arguments, "--run-dir", copy, "--resume", main=train_glico.main)
    assert "dcgan-distances.json" in said
    assert "remove it to measure again" in said
