import numpy as np
import pytest

from latentshot.experiment.paired_samples import packed
from latentshot.glico.experiment.build import planned_rows
from latentshot.glico.experiment.config import GlicoConfig
from latentshot.glico.experiment.defaults import resolved
from latentshot.glico.experiment.description import options_text
from latentshot.glico.experiment.paper import paper_figure
from latentshot.glico.experiment.pictures import principal_plane
from latentshot.glico.experiment.results import results_table, summarize, with_gains
from latentshot.glico.experiment.run import one_answer
from latentshot.glico.experiment.schedule import schedule


def scores(images="a", **top1):
    return [
        {"samples_per_class": 10, "method": method, "seed": seed, "sample": f"{images}{seed}"}
        | {"top1": value, "top5": 90.0, "seconds": 60.0, "images": 100, "right": packed(np.arange(100) < value)}
        | ({"psnr": 30.0} if "glico" in method else {})
        for method, values in top1.items()
        for seed, value in enumerate(values)
    ]


def test_rows_have_means_standard_errors_and_the_gain_seed_by_seed():
    config = resolved(GlicoConfig(compare=("baseline", "glico")))
    baseline, glico = summarize(
        planned_rows(config, "digits", {}), scores(glico=[34.0, 38.0, 39.0], baseline=[30.0, 36.0, 36.0])
    )
    assert (baseline["top1"], glico["top1"]) == (34.0, 37.0)
    assert glico["ste"] == pytest.approx(np.sqrt(7.0 / 3.0))  # deviations -3, 1, 2: variance 14 / 2, of a mean of 3
    assert (baseline["gain"], baseline["gain_ste"]) == (None, None)
    assert glico["gain"] == pytest.approx(3.0)
    assert glico["gain_ste"] == pytest.approx(1.0 / np.sqrt(3.0))  # 4, 2, 3
    assert glico["psnr"] == 30.0
    # of 100 images 34 are right in three repetitions, 4 in two and 1 in one
    often = np.repeat([1.0, 2 / 3, 1 / 3, 0.0], [34, 4, 1, 61])
    assert glico["image_error"] == pytest.approx(100 * often.std(ddof=1) / 10)
    gained = often - np.repeat([1.0, 2 / 3, 0.0], [30, 6, 64])
    assert glico["gain_image_error"] == pytest.approx(100 * gained.std(ddof=1) / 10)
    table = results_table([baseline, glico])
    assert "37.00 ± 1.53" in table
    assert "+3.00 ± 0.58" in table
    assert "3.0 min" in table


def test_one_seed_has_no_standard_error():
    config = resolved(GlicoConfig(compare=("baseline", "glico"), seeds=1))
    rows = summarize(planned_rows(config, "digits", {}), scores(baseline=[30.0], glico=[34.0]))
    assert rows[1]["ste"] is None
    assert "+4.00 " in results_table(rows)


def test_the_baseline_of_a_row_is_that_of_its_training_or_else_the_best_on_its_samples():
    def row(method, lr, top1, images="a"):
        config = resolved(GlicoConfig(compare=(method,), lr=lr))
        return summarize(planned_rows(config, "digits", {}), scores(images, **{method: top1}))[0]

    baselines = [row("baseline", 0.1, [30.0, 31.0, 32.0]), row("baseline", 0.2, [33.0, 34.0, 35.0, 50.0])]
    same, other, elsewhere = (
        row("glico", 0.1, [31.0, 32.0]),
        row("mixup", 0.05, [32.0, 32.0]),
        row("glico", 0.1, [9.0], "b"),
    )
    gains = [each["gain"] for each in with_gains([*baselines, same, other, elsewhere])]
    assert gains == [None, None, 1.0, -1.5, None]


@pytest.mark.parametrize(
    ("options", "samples_per_class", "method", "figure"),
    [
        ({}, 25, "baseline", "38.39 ± 0.10 (table I)"),
        ({}, 10, "glico", "28.55 ± 0.40 (table I)"),
        ({}, 10, "glico+cutout", ""),
        ({"no_classifier": True}, 25, "glico", "41.57 ± 0.54 (table II)"),
        ({"no_classifier": True, "no_noise": True}, 25, "glico", ""),
        ({"no_classifier": True}, 25, "baseline", "38.39 ± 0.10 (table I)"),
        ({"noise": "additive"}, 25, "glico", "41.02 ± 0.43 (table III)"),
        ({}, 25, "glico+cosine", "41.01 ± 0.27 (table III)"),
        ({}, 25, "cosine", "28.05 (table I)"),
        ({"transductive": True}, 50, "glico+autoaugment", "56.31 ± 0.02 (table IV)"),
        ({"unlabelled": 1000}, 25, "glico", "44.52 ± 0.12 (table V)"),
        ({"classifier": "wrn-16-2"}, 25, "baseline", ""),
        ({"split": "validation"}, 25, "baseline", ""),
        ({"dataset": "cub200"}, 20, "glico", ""),
        ({"transductive": True}, 50, "cutout", "52.11 ± 0.28 (table I)"),
        ({"dataset": "cub200", "pretrained": True}, 20, "glico", "74.16 ± 0.17 (table I)"),
        ({"dataset": "cub200"}, 20, "mixmatch", "60.57 (table I)"),
        ({"dataset": "cifar10"}, 10, "glico", ""),
    ],
)
def test_the_papers_figure_is_that_of_the_row(options, samples_per_class, method, figure):
    config = resolved(GlicoConfig(**{"dataset": "cifar100", **options}))
    assert paper_figure(config, samples_per_class, method) == figure


def test_defaults_follow_the_dataset_and_the_loss():
    cub = resolved(GlicoConfig(dataset="cub200"))
    assert (cub.classifier, cub.batch_size, cub.lr, cub.perceptual, cub.gamma) == ("resnet-50", 16, 0.001, "vgg16", 0.5)
    digits = resolved(GlicoConfig())
    assert (digits.perceptual, digits.gamma, digits.seeds) == ("laplacian", 0.01, 5)
    assert resolved(GlicoConfig(dataset="folder:x", channels="1")).perceptual == "laplacian"
    yours = resolved(GlicoConfig(dataset="folder:x", epochs=100))
    assert (yours.classifier, yours.batch_size, yours.decay, yours.epochs) == ("cnn-32", 10, "cosine", 100)
    assert resolved(GlicoConfig(dataset="folder:x", decay="drops")).epochs == 200  # beyond the drops' own default
    assert resolved(GlicoConfig(dataset="folder:x", decay="drops", drops=(30, 60))).epochs == 80
    wide = resolved(GlicoConfig(dataset="folder:x", epochs=100, decay="drops", drops=(30, 60)))
    assert (wide.decay, wide.drops) == ("drops", (30, 60))
    run_dir = resolved(GlicoConfig(dataset="folder:/a/birds", no_noise=True)).run_dir
    assert str(run_dir) == "runs/birds-glico-cnn-32-10-per-class-no-noise"


def test_the_options_of_a_row_name_what_differs_from_the_default():
    config = resolved(GlicoConfig(dataset="cifar10", p=0.8, lr=0.05, budget=0.1, gamma=1.0))
    assert options_text(config, "baseline") == "wrn-28-10, from scratch, budget 0.1, lr 0.05"
    assert options_text(config, "glico") == (
        "wrn-28-10, from scratch, budget 0.1, lr 0.05, inductive, 5 VGG taps, p 0.8, gamma 1"
    )


def test_the_classifiers_own_steps_and_a_cosine_are_said():
    config = resolved(GlicoConfig(dataset="cifar10", steps=500, decay="cosine"))
    assert options_text(config, "baseline") == "wrn-28-10, from scratch, budget 1, steps 500, decay cosine"


def test_drops_and_batches_of_one_image_can_be_said_of_every_row():
    dropping = GlicoConfig(dataset="folder:x", compare=("mixmatch",), decay="drops", epochs=200, no_mirror=True)
    assert options_text(resolved(dropping), "mixmatch").endswith("budget 0.1, no mirror True, epochs 200")
    single = GlicoConfig(compare=("glico",), unlabelled=9, batch_size=1, generator_batch_size=16)
    assert "batch size 1, inductive, laplacian, generator batch size 16" in options_text(resolved(single), "glico")


def test_a_schedule_has_the_papers_steps_and_shrinks_with_the_budget():
    assert schedule(50_000, 200, 128, 1.0).steps == pytest.approx(78_125, rel=0.05)
    for steps in range(1, 1000):
        plan = schedule(steps, 1, 1, 1.0)
        assert steps <= plan.steps < steps + plan.steps_per_epoch
        assert plan.epochs >= min(steps, 20)


def test_a_classifier_with_one_answer_for_all_images_is_told():
    names = ("cat", "dog")
    assert one_answer("mixmatch", np.array([1, 1, 1]), names) == (
        "mixmatch takes every image for dog: its guesses fed on themselves, lower --guess-weight"
    )
    assert one_answer("glico", np.array([0, 0]), names).endswith("cat: lower --lr")
    assert one_answer("mixmatch", np.array([1, 0, 1]), names) == one_answer("glico", np.array([0]), names[:1]) == ""


def test_the_principal_plane_of_points_in_a_plane_holds_all_of_them():
    flat = np.random.default_rng(0).normal(size=(30, 2)) @ np.random.default_rng(1).normal(size=(2, 7))
    points, share = principal_plane(flat)
    assert share == pytest.approx(1.0)
    expected, ours = (np.linalg.norm(x[:, None] - x[None], axis=-1) for x in (flat, points))
    np.testing.assert_allclose(ours, expected, atol=1e-9)
