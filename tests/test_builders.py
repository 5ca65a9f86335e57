"""What the builders make of a configuration: whose images its tasks show, their strategy and augmentation, learners."""

from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from latentshot.datasets import Dataset, Split
from latentshot.lasium.augmentation.affine import RandomAffine
from latentshot.lasium.augmentation.named import augmentation
from latentshot.lasium.experiment import build
from latentshot.lasium.experiment.build_evaluations import (
    build_calibration,
    build_evaluations,
    build_validation_tasks,
    evaluation,
)
from latentshot.lasium.experiment.build_learner import build_learner
from latentshot.lasium.experiment.build_tasks import build_augmentation, build_task_source, train_shape
from latentshot.lasium.experiment.config import MetaConfig
from latentshot.lasium.learners.maml import MAML
from latentshot.lasium.learners.protonets import ProtoNets
from latentshot.lasium.tasks.augmentation import TaskAugmentation
from latentshot.lasium.tasks.strategies import Noise, OtherClasses, RandomOutOfClass, Varied
from latentshot.lasium.tasks.stream import task_stream

SHADES = {"train": 10, "validation": 20, "test": 30}


@pytest.fixture
def shades():
    return dataset_of_shades(side=2)


def dataset_of_shades(side):
    """Eight classes of six images in every split, of four greys of its own."""
    labels = np.arange(8, dtype=np.int32).repeat(6)
    greys = np.arange(48, dtype=np.uint8)[:, None, None, None] % 4 * np.ones((side, side, 1), np.uint8)
    return Dataset("shades", {name: Split(greys + n, labels, tuple("abcdefgh")) for name, n in SHADES.items()})


def shades_of(*images):
    pixels = np.concatenate([np.ravel(part if part.dtype == np.uint8 else np.round(255 * part)) for part in images])
    return np.unique(pixels // 10 * 10).tolist()


@pytest.mark.parametrize("tasks", ["synthetic", "supervised", "umtra", "augmented"])
def test_training_tasks_start_with_training_images(pixel_generator, tasks):
    shades = dataset_of_shades(side=8 if tasks == "umtra" else 2)  # of which the generator's are
    config = MetaConfig(tasks=tasks, augmentation="ink", strategy="n", epsilon=0.0, n_way=3)
    source: Any = build_task_source(config, shades, pixel_generator if tasks == "synthetic" else None, None)
    x, _ = next(iter(task_stream(source, train_shape(config), 2, seed=0)))
    assert shades_of(x["support_images"].numpy()) == [10]


def test_validation_and_calibration_are_on_validation_images_and_the_results_on_test_images(shades):
    config = MetaConfig(n_way=3, n_query=3, k_shot=(1, 2), n_tasks=2, val_tasks=4, calibration_tasks=2)
    ((tasks, labels),) = build_validation_tasks(config, shades)
    assert len(labels) == 4
    assert shades_of(tasks["support_images"].numpy(), tasks["query_images"].numpy()) == [20]
    calibration = build_calibration(config, shades)
    assert calibration is not None
    assert shades_of(calibration.validation.images) == [20]
    rows = build_evaluations(config, shades)
    assert [(row.shape.k_shot, shades_of(row.split.images)) for row in rows] == [(1, [30]), (2, [30])]
    for split, shade in SHADES.items():
        assert shades_of(evaluation(config, shades, 1, split).split.images) == [shade]


@pytest.mark.parametrize(
    ("options", "strategy"),
    [
        ({"strategy": "n", "sigma2": 2.0}, Noise(2.0)),
        ({"strategy": "ro", "alpha": 0.4}, RandomOutOfClass(0.4)),
        ({"strategy": "oc", "alpha": 0.3}, OtherClasses(0.3)),
        ({"strategy": "oc", "alpha": 0.3, "distance": "uniform"}, Varied(OtherClasses(0.3))),
    ],
)
def test_synthetic_classes_grow_by_the_strategy_asked_for(shades, pixel_generator, options, strategy):
    config = MetaConfig(anchors="prior", n_way=3, **options)
    source: Any = build_task_source(config, shades, pixel_generator, None)
    assert source.strategy == strategy


def test_synthetic_tasks_have_the_epsilon_the_share_and_the_rendering_asked_for(pixel_images, pixel_generator):
    data = Dataset("pixels", {"train": Split(pixel_images, np.zeros(200, np.int32), ("all",))})
    config = MetaConfig(n_way=3, epsilon=0.7, generated_share=0.5, rendering="difference")
    source: Any = build_task_source(config, data, pixel_generator, None)
    assert (source.anchors.epsilon, source.generated_share, source.rendering) == (0.7, 0.5, "difference")


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, TaskAugmentation(query=RandomAffine(3))),
        ({"query_shift": 0}, TaskAugmentation()),
        ({"query_shift": 0, "query_affine": 1.0}, TaskAugmentation(query=RandomAffine(0, 0.3, 1.25, 0.2))),
        ({"query_shift": 2, "quarter_turns": True}, TaskAugmentation(None, RandomAffine(2), quarter_turns=True)),
        ({"tasks": "supervised"}, TaskAugmentation()),
        ({"tasks": "umtra", "quarter_turns": True}, TaskAugmentation(quarter_turns=True)),
    ],
)
def test_by_the_paper_the_queries_of_synthetic_tasks_alone_are_moved(options, expected):
    assert build_augmentation(MetaConfig(**options), (8, 8, 1)) == expected


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("name", ["ink", "print", "photograph"])
def test_a_named_augmentation_changes_supports_and_queries(name, channels):
    images = tf.random.stateless_uniform((2, 3, 8, 8, channels), (0, 0))
    change = build_augmentation(MetaConfig(augmentation=name, quarter_turns=True), (8, 8, channels))
    each = augmentation(name, channels)
    expected = TaskAugmentation(each, each, quarter_turns=True)(images, 1, tf.constant([1, 2]))
    np.testing.assert_array_equal(change(images, 1, tf.constant([1, 2])), expected)


def test_training_goes_through_the_augmentation(blobs, tmp_path, monkeypatch):
    monkeypatch.setattr(build, "load", lambda config: blobs)
    config = MetaConfig(tasks="augmented", augmentation="ink", n_way=3, meta_batch_size=2)
    training, _ = build.build_tasks(config, tmp_path / "none")
    source: Any = training.source
    tasks, _ = next(iter(training.stream(source, 0)))
    images = np.concatenate([tasks["support_images"], tasks["query_images"]], axis=1).reshape(2 * 3 * 6, -1)
    assert len(np.unique(images, axis=0)) == len(images)  # which were copies


def test_maml_has_the_options_asked_for():
    asked: dict[str, Any] = {
        "inner_lr": 0.3,
        "inner_steps": 2,
        "eval_inner_steps": 7,
        "first_order": True,
        "batch_norm": "support",
    }
    for name in ("maml", "scratch"):
        learner = build_learner(MetaConfig(learner=name, n_way=3, filters=4, **asked), (8, 8, 1))
        assert type(learner) is MAML
        assert {option: getattr(learner, option) for option in asked} == asked
        assert learner.network.output_shape == (None, 3)


def test_protonets_have_the_options_asked_for():
    asked: dict[str, Any] = {"similarity": "cosine", "temperature": 0.3, "alternate_support": True}
    learner = build_learner(MetaConfig(learner="protonets", filters=4, downsampling="max_pool", **asked), (28, 28, 1))
    assert type(learner) is ProtoNets
    assert {option: getattr(learner, option) for option in asked} == asked
    assert learner.network.output_shape == (None, 4)  # pooling leaves one position, strides four


@pytest.mark.parametrize("learner", ["maml", "protonets"])
@pytest.mark.parametrize(("schedule", "iterations"), [("constant", 200), ("cosine", 200), ("cosine", 0)])
def test_the_learning_rate_stays_or_falls_to_0_along_half_a_cosine(learner, schedule, iterations):
    config = MetaConfig(
        learner=learner, filters=2, meta_lr=0.02, meta_lr_schedule=schedule, iterations=iterations, n_way=2
    )
    optimizer = build_learner(config, (8, 8, 1)).optimizer
    for step in (0, 50, 100, 200):
        optimizer.iterations.assign(step)
        falls = schedule == "cosine" and iterations
        expected = 0.01 * (1 + np.cos(np.pi * step / iterations)) if falls else 0.02
        assert float(optimizer.learning_rate) == pytest.approx(expected, abs=1e-6)
