"""The command of GLICO on budgets of seconds."""

import itertools
import json
import shutil
import subprocess
import sys
from dataclasses import replace

import keras
import numpy as np
import pytest
import tensorflow as tf
from made_images import save_images
from PIL import Image
from real_commands import TINY_GLICO, output_of
from report_pages import Page

from latentshot.bin import report, train_glico
from latentshot.datasets import load_dataset
from latentshot.experiment.paired_samples import unpacked
from latentshot.experiment.run_directory import RunDirectory
from latentshot.glico.experiment.build import build
from latentshot.glico.experiment.config import GlicoConfig
from latentshot.glico.experiment.defaults import resolved
from latentshot.glico.experiment.report import sections

FIELDS = {"method", "dataset", "samples_per_class", "seeds", "top1", "top5", "ste", "gain", "gain_ste", "paper", "psnr"}


def width(picture):
    with Image.open(picture) as image:
        return image.size[0]


def in_process(arguments, monkeypatch, capsys):
    """Runs the command in this process, which saves the import of TensorFlow."""
    monkeypatch.setattr(sys, "argv", ["train_glico.py", *map(str, TINY_GLICO), *map(str, arguments)])
    train_glico.main()
    return capsys.readouterr().out


@pytest.fixture(scope="module")
def finished_run(tmp_path_factory):
    """Two sizes, two rows."""
    run = tmp_path_factory.mktemp("glico") / "run"
    arguments = ["--samples-per-class", "3,5", "--compare", "baseline,glico"]
    return run, output_of(train_glico.main, [*TINY_GLICO, *arguments, "--run-dir", run])


def test_a_run_leaves_its_samples_results_pictures_and_exports(finished_run):
    run, out = finished_run
    rows = json.loads((run / "results.json").read_text())
    assert [(row["method"], row["samples_per_class"]) for row in rows] == [
        ("baseline", 3), ("glico", 3), ("baseline", 5), ("glico", 5)
    ]  # fmt: skip
    for row in rows:
        assert row.keys() >= FIELDS
        assert 0 <= row["top1"] <= row["top5"] <= 100
        assert row["top1"] == pytest.approx(np.mean(row["top1_by_seed"]))
        assert row["seeds"] == 1
    assert "gain" in out
    assert "budget 0.002" in out
    for size in (3, 5):
        pictures = run / f"{size}-per-class" / "seed0" / "pictures"
        for name in ("reconstructions", "interpolations", "code_space", "generator-curves", "glico-curves"):
            assert width(pictures / f"{name}.png") > 100
    assert width(run / "pictures" / "results.png") > 100
    assert width(run / "pictures" / "samples_per_class.png") > 100
    page = Page(run / "report.html")
    assert {
        "Results",
        "On the same samples",
        "Gains, sample by sample",
        "Images: 3 per class, seed 0",
        "To repeat it",
    } <= set(page.headings)
    assert all(f"{row['top1']:.2f}" in page.text for row in rows)
    assert not (run / "results.partial.json").exists()


def test_the_chosen_images_are_written_down_balanced_and_nested(finished_run):
    run, _ = finished_run
    chosen = [json.loads((run / f"{n}-per-class" / "seed0" / "sample.json").read_text())["labelled"] for n in (3, 5)]
    for digit in "0123456789":
        assert len(chosen[0][digit]) == 3
        assert len(chosen[1][digit]) == 5
        assert set(chosen[0][digit]) < set(chosen[1][digit])


def test_the_export_needs_only_tensorflow(finished_run, tmp_path):
    run, _ = finished_run
    code = """
import sys, tensorflow as tf
model = tf.saved_model.load(sys.argv[1])
assert model.classify(tf.zeros((2, 16, 16, 1))).shape == (2, 10)
assert model.sample(tf.constant([0, 9]), tf.constant(3)).shape == (2, 16, 16, 1)
assert "latentshot" not in sys.modules
"""
    export = str(run / "export" / "5-per-class" / "glico")
    subprocess.run([sys.executable, "-c", code, export], check=True, cwd=tmp_path)


def test_the_export_classifies_and_samples(finished_run):
    run, _ = finished_run
    model = tf.saved_model.load(str(run / "export" / "5-per-class" / "glico"))
    assert json.loads((run / "export" / "5-per-class" / "classes.json").read_text()) == list("0123456789")
    images = np.random.default_rng(0).random((7, 16, 16, 1), dtype=np.float32)
    np.testing.assert_allclose(tf.reduce_sum(model.classify(images), axis=1), np.ones(7), rtol=1e-5)
    labels = tf.constant([0, 9, 9])
    sampled = model.sample(labels, tf.constant(3))
    assert sampled.shape == (3, 16, 16, 1)
    assert 0 <= np.min(sampled) <= np.max(sampled) <= 1
    np.testing.assert_array_equal(sampled, model.sample(labels, tf.constant(3)))
    assert (sampled.numpy() != model.sample(labels, tf.constant(4)).numpy()).any()
    with pytest.raises(tf.errors.InvalidArgumentError):
        model.sample(tf.constant([10]), tf.constant(0))


def test_a_rows_accuracy_is_that_of_its_confusion_its_list_of_images_and_its_export(finished_run):
    run, _ = finished_run
    test = load_dataset("digits", split_by="image")["test"]
    for row in json.loads((run / "results.json").read_text()):
        size = f"{row['samples_per_class']}-per-class"
        confusion = json.loads((run / size / "seed0" / f"{row['method']}-confusion.json").read_text())
        counts = np.array(confusion["counts"])
        assert counts.sum(axis=1).tolist() == np.bincount(test.labels).tolist()
        assert 100 * np.trace(counts) / counts.sum() == pytest.approx(row["top1"])
        right = unpacked(row["right_by_seed"][0], row["images"])
        assert 100 * right.mean() == pytest.approx(row["top1"])
        model = tf.saved_model.load(str(run / "export" / size / row["method"]))
        chances = model.classify(tf.constant(test.images / 255.0, tf.float32))
        of_export = np.argmax(chances, axis=1) == test.labels
        assert np.mean(of_export == right) > 0.99  # but for classes that are almost alike


@pytest.mark.usefixtures("unexported")
def test_runs_are_reported_together_with_gains_over_a_baseline_of_another_run(
    finished_run, tmp_path, monkeypatch, capsys, here
):
    run, _ = finished_run
    arguments = ["--compare", "glico", "--no-classifier"]
    in_process([*arguments, "--run-dir", tmp_path / "ablation"], monkeypatch, capsys)
    (ablation,) = json.loads((tmp_path / "ablation" / "results.json").read_text())
    assert ablation["gain"] is None
    baseline, glico, *_ = json.loads((run / "results.json").read_text())
    runs = [run, tmp_path / "ablation"]
    out = output_of(report.main, [*runs, "--picture", tmp_path / "all.png", "--against", "glico"])
    line, compared = [line for line in out.splitlines() if "glico (no classifier)" in line]
    assert f" {ablation['top1'] - baseline['top1']:+.2f} " in line
    assert f" {ablation['top1'] - glico['top1']:+.2f} ± " in compared
    assert f" {glico['images']:,} images of a sample " in compared
    said = here(*runs, "--against", "nobody", main=report.main)
    assert "there is no row 'nobody' to compare with: choose among baseline; glico; glico (no classifier)" in said
    assert (tmp_path / "all.png").exists()


def test_rows_of_one_name_from_two_runs_are_told_apart_in_the_report(finished_run, tmp_path):
    run, _ = finished_run
    other = tmp_path / "other"
    shutil.copytree(run, other)
    rows = json.loads((other / "results.json").read_text())
    (other / "results.json").write_text(json.dumps([{**row, "top1_by_seed": [12.34]} for row in rows]))
    page = tmp_path / "page.html"
    output_of(report.main, [run, other, "--html", page])
    text = Page(page).text
    for name in ("run", "other"):
        assert f"glico of {name}, digits, 5 a class" in text


def test_of_two_runs_the_table_names_the_run_the_picture_the_split_and_gains_are_by_seed(finished_run, tmp_path):
    run, _ = finished_run
    other = tmp_path / "other"
    shutil.copytree(run, other)
    rows = json.loads((other / "results.json").read_text())
    (other / "results.json").write_text(json.dumps([{**row, "split": "validation"} for row in rows]))
    stored = json.loads((other / "config.json").read_text())
    stored["config"]["seed"] = 7
    (other / "config.json").write_text(json.dumps(stored))
    said = output_of(report.main, [run, other, "--picture", tmp_path / "all.svg"])
    assert {line.split()[-3] for line in said.splitlines() if line.startswith("glico ")} == {"run", "other"}
    assert "digits (validation), 5 a class" in (tmp_path / "all.svg").read_text()
    (gains,) = (each for each in sections([RunDirectory(run), RunDirectory(other)]) if each.title.startswith("Gains"))
    assert {seed for _, seed, _ in gains.tables[0].rows} == {0, 7}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["--compare", "glico", "--no-noise", "--interpolation", "lerp", "--split", "validation"],
            "glico (no noise, lerp)",
        ),
        pytest.param(
            ["--compare", "glico", "--noise", "additive", "--classifier-space", "latent", "--init", "hypercube"]
            + ["--unlabelled", "12"],
            "glico (12 unlabelled, latent classifier, hypercube init, additive noise)",
            marks=pytest.mark.soak,
        ),
        (
            ["--compare", "mixup+glico,autoaugment+cutout+random-erasing+cosine", "--transductive"]
            + ["--budget", "0.0002"],
            "mixup+glico (transductive)",
        ),
        pytest.param(
            ["--compare", "glico+mixup+cutout", "--precision", "mixed_bfloat16", "--budget", "0.0001"],
            "bfloat16",
            marks=pytest.mark.soak,
        ),
    ],
)
@pytest.mark.usefixtures("undrawn")
def test_the_rows_of_the_papers_tables_run(arguments, said, tmp_path, monkeypatch, capsys):
    assert said in in_process([*arguments, "--run-dir", tmp_path / "run"], monkeypatch, capsys)


@pytest.mark.slow
@pytest.mark.usefixtures("unexported")
def test_a_folder_of_colour_images_with_a_partial_vgg_file_runs(tmp_path, monkeypatch, capsys):
    for seed, (split, name) in enumerate(itertools.product(("train", "test"), ("cats", "dogs"))):
        save_images(tmp_path / "data" / split / name, 4, (32, 32), seed)
    vgg = keras.applications.VGG16(include_top=False, weights=None, input_shape=(32, 32, 3))
    keras.Model(vgg.input, vgg.get_layer("block1_conv2").output).save_weights(tmp_path / "vgg.weights.h5")
    arguments = ["--dataset", f"folder:{tmp_path / 'data'}", "--samples-per-class", "1,3", "--compare", "glico"]
    arguments += [
        "--vgg-weights",
        tmp_path / "vgg.weights.h5",
        "--taps",
        "block1_conv2",
        "--epoch-images",
        "8",
        "--budget",
        "0.02",
    ]
    out = in_process([*arguments, "--run-dir", tmp_path / "run"], monkeypatch, capsys)
    assert "VGG taps block1_conv2," in out
    chosen = json.loads((tmp_path / "run" / "3-per-class" / "seed0" / "sample.json").read_text())["labelled"]
    assert all(file.startswith("train/cats/") for file in chosen["cats"])
    config = GlicoConfig(dataset=f"folder:{tmp_path / 'data'}", samples_per_class=(3,), compare=("baseline",))
    for no_mirror in (False, True):
        experiment = build(resolved(replace(config, no_mirror=no_mirror)), tmp_path / "other")
        assert experiment.draw(3, 0).dataset.mirrored is not no_mirror
