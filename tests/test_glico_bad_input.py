"""What GLICO's command says to wrong options and wrong folders, before anything is written."""

import shutil
from pathlib import Path

import h5py
import keras
import pytest
from made_images import save_images
from real_commands import TINY_GLICO

from latentshot.bin import train_glico
from latentshot.glico.experiment import run
from latentshot.glico.experiment.config import GlicoConfig
from latentshot.glico.experiment.unused_options import unused_options

SIZE = (32, 32)


@pytest.fixture(scope="module")
def vgg_weights(tmp_path_factory):
    """Of VGG-16's first block, which are random."""
    vgg = keras.applications.VGG16(include_top=False, weights=None, input_shape=(32, 32, 3))
    file = tmp_path_factory.mktemp("weights") / "vgg.weights.h5"
    keras.Model(vgg.input, vgg.get_layer("block1_conv2").output).save_weights(file)
    return file


@pytest.fixture
def folder(tmp_path):
    """Two classes of colour images, three to train and two to test with."""
    for split, n in (("train", 3), ("test", 2)):
        for name in ("cats", "dogs"):
            save_images(tmp_path / "data" / split / name, n, SIZE)
    return tmp_path / "data"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["--dataset", "mnist"],
            "unknown dataset 'mnist': choose one of digits, letters, cifar10, cifar100, cub200,",
        ),
        (
            ["--dataset", "glyphs"],
            "dataset glyphs is split by class, and training and test images of the same",
        ),
        (["--dataset", "omniglot"], "choose one of digits, letters, cifar10"),
        (["--dataset", "folder"], "unknown dataset 'folder'"),
        (["--dataset", "folder:nowhere"], f"no folder at {Path('nowhere').absolute()}"),
        (["--compare", "baseline,cutuot"], "unknown row 'cutuot' to compare: choose among baseline, glico, cutout"),
        (["--compare", "baseline+glico"], "baseline stands alone"),
        (["--compare", "glico,glico"], "compare names a row twice"),
        (["--gamma", "-1"], "gamma is -1.0; it must be 0 or more"),
        (["--sigma", "-0.1"], "sigma is -0.1; it must be 0 or more"),
        (["--p", "1.5"], "p is 1.5; it must lie between 0 and 1"),
        (["--ratios", "0.1,2"], "ratios are (0.1, 2): one or more, none further from 0 than 1"),
        (["--drops", "60,40"], "drops are 60, 40; they must rise and stay below epochs"),
        (["--decay", "cosine", "--drops", "5"], "drops is for --decay drops, which is to be given too: leave it out"),
        (["--steps", "0"], "steps is 0; it must be 1 or more"),
        (["--epochs", "100"], "drops are 60, 120, 160; they must rise and stay below epochs (100): give other --drops"),
        (["--budget", "0"], "budget is 0.0; it must be above 0"),
        (["--weight-decay", "nan"], "weight_decay is nan"),
        (["--samples-per-class", "10,101"], "samples_per_class is 101, and class"),
        (
            ["--dataset", "letters", "--samples-per-class", "100", "--split", "validation"],
            "no training image left for validation",
        ),
        (["--dataset", "letters", "--unlabelled", "971"], "unlabelled is 971; letters has 970 training images left"),
        (["--classifier", "wrn-20-1"], "the depth must be 6 n + 4"),
        (
            ["--classifier", "wrn-100000-1"],
            "WRN-100000-1: the depth must be 6 n + 4, as 16, 22, 28 or 40, at most 1000",
        ),
        (["--classifier", "cnn-0"], "cnn-0: the width must be 1 to 1024"),
        (["--classifier", "resnet"], "unknown classifier 'resnet': choose one of wrn-DEPTH-WIDTH, cnn-WIDTH"),
        (["--classifier", "resnet-50"], "resnet-50 takes images of 32 pixels a side or more, not 16x16"),
        (["--pretrained"], "pretrained weights are there for resnet-50 and vgg-19, not for weak-cnn"),
        (["--perceptual", "vgg16"], "VGG-16 takes images of 3 channels, not 1"),
        (["--taps", "block1_conv2,block2_conv2", "--tap-weights", "1"], "1 tap_weights were given for 2 taps"),
        (
            ["--init", "resnet"],
            "resnet-50 takes images of 32 pixels a side or more, not 16x16: scale them up (of folders and tfds by "
            "--image-size; bin/train_meta.py has --network-side)",
        ),
        (["--latent-dim", "1"], "latent_dim is 1; it must be 2 or more"),
        (["--generator-batch-size", "1", "--unlabelled", "5"], "with unlabelled images it must be 2 or more"),
        (["--image-size", "64"], "image_size is for folders of images and tfds:NAME: leave it out"),
        (["--no-mirror"], "no_mirror is for folders of images and tfds:NAME: leave it out"),
        (["--seed", str(2**31 - 1), "--seeds", "2"], "seed is 2147483647; it must be 2147483646 or less"),
        (["--perceptual", "laplacian", "--taps", "block1_conv2"], "taps is for VGG-16's loss, not laplacian"),
        (["--weak-classifier", "strong"], "unknown classifier 'strong'"),
        (["--latent-dim", "3", "--init", "hypercube"], "10 classes need as many vertices"),
    ],
)
def test_wrong_options_end_in_one_line_before_anything_is_written(arguments, message, tmp_path, here):
    run = tmp_path / "run"
    said = here(*TINY_GLICO, "--run-dir", run, *arguments, main=train_glico.main)
    assert message in said
    assert "Traceback" not in said
    assert not run.exists()


def truncated(folder):
    file = folder / "train" / "cats" / "0.jpg"
    file.write_bytes(file.read_bytes()[:200])


def without_dogs(folder):
    for split in ("train", "test"):
        shutil.rmtree(folder / split / "dogs")


def all_equal(folder):
    first, *others = sorted((folder / "train").rglob("*.jpg"))
    for file in others:
        shutil.copy(first, file)


@pytest.mark.parametrize(
    ("spoil", "arguments", "message"),
    [
        (all_equal, [], "2 classes of data take different images, and of these 6 only 1 differ"),
        (truncated, [], "0.jpg is no readable image"),
        (lambda folder: (folder / "train" / "birds").mkdir(), [], "class 'birds' has no image"),
        (lambda folder: save_images(folder / "train" / "Cats", 3, SIZE), [], "which differ by case alone"),
        (lambda folder: save_images(folder / "test" / "birds", 1, SIZE), [], "train lacks: birds"),
        (without_dogs, [], "has only one class"),
        (lambda folder: None, ["--tap-weights", "nan"], "weights of a loss must be 0 or more, not nan"),
        (lambda folder: None, ["--samples-per-class", "4"], "samples_per_class is 4, and class cats has 3 images"),
        (lambda folder: None, ["--image-size", "34"], "images of 34x34 do not fit the DCGAN"),
        (lambda folder: None, ["--image-size", "24"], "VGG-16 takes images of 32 pixels a side or more"),
        (lambda folder: None, ["--taps", "block1_conv2,block3_conv2"], "ends at block1_conv2 and lacks block3_conv2"),
        (lambda folder: None, ["--taps", "conv1_2"], "taps conv1_2: choose among block1_conv2"),
        (lambda folder: None, ["--vgg-weights", "nowhere.weights.h5"], "nowhere.weights.h5 is no .weights.h5 file"),
    ],
)
def test_what_is_wrong_with_a_folder_or_its_weights_is_told_before_anything_is_written(
    folder, vgg_weights, spoil, arguments, message, tmp_path, here
):
    spoil(folder)
    ours = ["--dataset", f"folder:{folder}", "--vgg-weights", vgg_weights, "--taps", "block1_conv2"]
    said = here(*TINY_GLICO, *ours, "--run-dir", tmp_path / "run", *arguments, main=train_glico.main)
    assert message in said
    assert "Traceback" not in said
    assert not (tmp_path / "run").exists()


def test_a_disk_that_is_too_full_is_told_before_anything_is_written(tmp_path, here, monkeypatch):
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=1_000_000))
    said = here(*TINY_GLICO, "--run-dir", tmp_path / "run", main=train_glico.main)
    assert "MB, and 1 MB are free there" in said
    assert not (tmp_path / "run").exists()


def test_a_changed_option_and_a_forgotten_resume_are_told(tmp_path, here):
    config = tmp_path / "run" / "config.json"
    config.parent.mkdir()
    config.write_text('{"config": {"dataset": "cifar10"}, "versions": {}}')
    said = here(*TINY_GLICO, "--run-dir", tmp_path / "run", main=train_glico.main)
    assert "holds a run already: continue it with --resume" in said
    said = here(*TINY_GLICO, "--run-dir", tmp_path / "run", "--resume", main=train_glico.main)
    assert "dataset was 'cifar10' and is 'digits'" in said


def test_a_run_does_not_go_on_with_other_weights_than_it_was_begun_with(
    folder, vgg_weights, tmp_path, here, monkeypatch
):
    def stopped(experiment, directory):
        raise ValueError("stopped in the generator's training")

    monkeypatch.setattr(run, "carry_out", stopped)
    file = shutil.copy(vgg_weights, tmp_path / "vgg.weights.h5")
    words = ["--dataset", f"folder:{folder}", "--vgg-weights", file, "--taps", "block1_conv2", "--image-size", "32"]
    words = [*TINY_GLICO, "--samples-per-class", "2", *words, "--run-dir", tmp_path / "run"]
    assert "stopped in the" in here(*words, main=train_glico.main)
    assert "stopped in the" in here(*words, "--resume", main=train_glico.main)
    with h5py.File(file, "r+") as weights:
        weights.visititems(lambda name, part: part.write_direct(0.5 * part[()]) if hasattr(part, "shape") else None)
    assert "with other data (vgg_weights was" in here(*words, "--resume", main=train_glico.main)


@pytest.mark.parametrize(
    ("options", "unused"),
    [
        ({"dataset": "cifar10", "vgg_weights": "vgg.h5", "gamma": 0.1, "unlabelled": 9}, []),
        ({"steps": 100, "epochs": 300}, []),  # the drops are a share of them
        ({"steps": 100, "epochs": 300, "decay": "cosine"}, ["epochs"]),
        ({"no_classifier": True, "gamma": 0.3}, ["gamma"]),
        ({"no_noise": True, "sigma": 0.3}, ["sigma"]),
        ({"noise": "additive", "noise_dim": 64}, ["noise-dim"]),
        ({"steps": 100, "budget": 0.3, "epoch_images": 9}, []),  # the generator's
        ({"compare": ("baseline",), "steps": 100, "budget": 0.3, "epoch_images": 9}, ["budget", "epoch-images"]),
        ({"compare": ("baseline",), "budget": 0.3, "epoch_images": 9}, []),
        ({"classifier_space": "latent", "weak_classifier": "cnn-4"}, ["weak-classifier"]),
        ({"compare": ("baseline",), "gamma": 0.1, "p": 0.9, "unlabelled": 9}, ["gamma", "p", "unlabelled"]),
        ({"compare": ("dcgan",), "gamma": 0.1, "p": 0.9}, ["gamma"]),
        ({"compare": ("mixmatch", "glico+mixmatch"), "lr": 0.3, "unlabelled": 9}, ["lr"]),
    ],
)
def test_an_option_without_effect_beside_the_others_is_told(options, unused):
    lines = unused_options(GlicoConfig(**options), {})
    assert [line.split()[0] for line in lines] == [f"--{name}" for name in unused]
    assert unused_options(GlicoConfig(**options), options) == []  # of a file of options, nobody gave them
