"""What decides the weights of GLICO's generator, so that runs which differ in nothing else share one from the cache."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from conftest import blob_split

from latentshot.datasets import Dataset, Split
from latentshot.glico.experiment.build_generative import build_generative
from latentshot.glico.experiment.build_sample import draw_sample
from latentshot.glico.experiment.config import GlicoConfig
from latentshot.glico.experiment.defaults import resolved

CONFIG = resolved(GlicoConfig("folder:photographs", compare=("glico",), unlabelled=6))
DATASET = Dataset("photographs", {"train": blob_split(3), "test": blob_split(3, seed=1)})


@pytest.fixture(autouse=True)
def unbuilt(monkeypatch):
    """The networks take long to build, and nothing of them is read."""
    monkeypatch.setattr("latentshot.glico.experiment.build_generative._model", lambda *_: SimpleNamespace(targets=None))


@pytest.fixture
def sample():
    return draw_sample(CONFIG, DATASET, 10, seed=0)


def fingerprint(sample, **options):
    return build_generative(replace(CONFIG, **options), sample).fingerprint


@pytest.mark.parametrize(
    "options",
    [
        {"generator_lr": 0.1},
        {"code_lr": 0.1},
        {"latent_dim": 64},
        {"noise_dim": 3},
        {"sigma": 0.3},
        {"noise": "additive"},
        {"no_noise": True},
        {"gamma": 0.7},
        {"init": "hypercube"},
        {"no_classifier": True},
        {"weak_classifier": "cnn-4"},
        {"classifier_space": "latent"},
        {"perceptual": "laplacian"},
        {"taps": CONFIG.taps[1:]},
        {"tap_weights": (1.0, 2.0, 3.0, 4.0, 5.0)},
        {"pixel_weight": 0.1},
        {"precision": "mixed_bfloat16"},
        {"generator_batch_size": 2},
        {"generator_epochs": 7},
        {"epoch_images": 100},
        {"budget": 0.7},
    ],
    ids=lambda options: next(iter(options)),
)
def test_an_option_of_the_generator_asks_for_another_one(sample, options):
    assert fingerprint(sample, **options) != fingerprint(sample)


@pytest.mark.parametrize(
    "options",
    [
        {"p": 0.9, "ratios": (0.7,), "interpolation": "lerp"},
        {"classifier": "wrn-16-2", "lr": 0.5, "steps": 3, "weight_decay": 0.1, "batch_size": 3},
        {"compare": ("baseline", "glico+cutout"), "split": "validation", "seeds": 7},
    ],
)
def test_the_same_generator_serves_whatever_is_done_with_it(sample, options):
    assert fingerprint(sample, **options) == fingerprint(sample)


def test_other_images_labels_orders_and_seeds_ask_for_another_generator(sample):
    images, labels, names = sample.labelled.images, sample.labelled.labels, sample.labelled.class_names
    changed = images.copy()
    changed[3, 2, 1, 0] ^= 1
    others = {
        "subset": draw_sample(replace(CONFIG, subset_seed=1), DATASET, 10, seed=0),
        "image": replace(sample, labelled=Split(changed, labels, names)),
        "label": replace(sample, labelled=Split(images, np.where(np.arange(30) == 3, 2, labels), names)),
        "order": replace(sample, labelled=Split(images[::-1], labels[::-1], names)),
        "unlabelled": replace(sample, unlabelled=sample.unlabelled[::-1]),
        "seed": replace(sample, seed=1),
    }
    found = {name: fingerprint(other) for name, other in others.items()}
    assert len({fingerprint(sample), *found.values()}) == 1 + len(others), found
    assert fingerprint(draw_sample(CONFIG, DATASET, 10, seed=0)) == fingerprint(sample)


def test_weights_of_vgg_count_by_their_content(sample, tmp_path):
    files = [tmp_path / name for name in ("a.weights.h5", "b.weights.h5", "c.weights.h5")]
    for file, content in zip(files, (b"one", b"one", b"another"), strict=True):
        file.write_bytes(content)
    first, same, other = (fingerprint(sample, vgg_weights=file) for file in files)
    assert first == same != other != fingerprint(sample) != first
