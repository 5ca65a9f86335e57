"""Options that searches found for single rows and sizes, in one run of all of them."""

import json

import pytest
from real_commands import TINY_GLICO, output_of

from latentshot.bin import train_glico, tune
from latentshot.glico.experiment.build import build
from latentshot.glico.experiment.config import GlicoConfig
from latentshot.glico.experiment.defaults import resolved
from latentshot.glico.experiment.tuned import NAMES, load_tuned, of_row
from latentshot.glico.experiment.unused_options import unused_options


def best(file, row, size, **options):
    given = {"dataset": "digits", "samples_per_class": [size], "classifier": "weak-cnn", **options}
    file.write_text(json.dumps({"row": row, "options": given}))
    return file


@pytest.fixture
def files(tmp_path):
    return [
        best(tmp_path / "a.json", "baseline", 3, lr=0.03, steps=30),
        best(tmp_path / "b.json", "baseline", 5, lr=0.05, batch_size=20),
        best(tmp_path / "c.json", "cutout+glico", 5, lr=0.07, weight_decay=0.01),
    ]


def run_with(files, **options):
    given = {"classifier": "weak-cnn", "tuned": tuple(map(str, files)), "samples_per_class": (3, 5), **options}
    given = {"compare": ("baseline", "glico", "glico+cutout"), **given}
    return resolved(GlicoConfig(**given))


def test_a_row_has_its_own_options_or_else_those_of_the_baseline_of_its_size(files):
    config = run_with(files)
    tuned = load_tuned(config)

    def chosen(method, size):
        own = of_row(config, tuned, method, size)
        return {name: getattr(own, name) for name in NAMES}

    usual = {name: getattr(config, name) for name in NAMES}
    assert chosen("baseline", 3) == chosen("mixup", 3) == {**usual, "lr": 0.03, "steps": 30}
    assert chosen("glico", 5) == {**usual, "lr": 0.05, "batch_size": 20}
    assert chosen("glico+cutout", 5) == {**usual, "lr": 0.07, "weight_decay": 0.01}
    assert chosen("baseline", 10) == usual
    assert of_row(config, tuned, "glico", 5).generator_batch_size == config.generator_batch_size


def test_a_row_is_trained_by_its_own_options(files, tmp_path):
    experiment = build(run_with(files), tmp_path / "run")
    rows = [
        ("baseline", 3, {"lr": 0.03, "steps": 30}),
        ("glico", 5, {"lr": 0.05, "batch_size": 20}),
        ("glico+cutout", 5, {"lr": 0.07, "weight_decay": 0.01}),
    ]
    for method, size, own in rows:
        training = experiment.classifier(experiment.draw(size, 0), method, None)
        found = {
            "lr": round(float(training.model.optimizer._learning_rate(0)), 6),
            "weight_decay": training.model.weight_decay,
            "steps": training.schedule.steps,
            "batch_size": training.batch_size,
        }
        assert {name: found[name] for name in own} == own


def test_options_that_the_files_have_for_every_row_have_no_effect_beside_them(files):
    lines = unused_options(run_with(files, lr=0.3), {})
    assert lines == ["--lr has no effect here: it takes a row that --tuned has none for"]
    assert unused_options(run_with(files[:1], lr=0.3), {}) == []  # with 5 images a class it has one


def test_a_folder_may_lie_elsewhere_than_where_it_was_searched(tmp_path):
    file = best(tmp_path / "d.json", "baseline", 3, dataset="folder:birds", lr=0.03)
    run = {"compare": ("baseline",), "classifier": "weak-cnn", "perceptual": "laplacian"}
    assert load_tuned(run_with([file], dataset="folder:/elsewhere/birds", **run))
    with pytest.raises(ValueError, match="was found with dataset birds, and the run has cats"):
        load_tuned(run_with([file], dataset="folder:/elsewhere/cats", **run))


def test_a_search_of_a_row_with_options_of_its_own_is_taken_over(files, tmp_path):
    file = best(tmp_path / "d.json", "mixmatch", 3, guess_weight=150.0, steps=40)
    config = run_with([file], compare=("baseline", "mixmatch"), guess_weight=150.0)
    assert of_row(config, load_tuned(config), "mixmatch", 3).steps == 40


def test_a_search_with_another_weight_of_guesses_is_told(tmp_path):
    file = best(tmp_path / "d.json", "mixmatch", 3, guess_weight=50.0, steps=40)
    with pytest.raises(ValueError, match="was found with guess_weight 50, and the run has 75"):
        load_tuned(run_with([file], compare=("baseline", "mixmatch")))


def test_all_that_can_be_tuned_can_be_taken_over():
    pytest.importorskip("optuna", reason="Optuna, the extra `tune`, is not installed")
    from latentshot.glico.tuning.config import TUNABLE

    assert set(NAMES) == set(TUNABLE)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda folder: best(folder / "b.json", "baseline", 3), "two files for baseline with 3 images a class"),
        (lambda folder: best(folder / "b.json", "baseline", 10), "for baseline with 10 images a class, which this run"),
        (lambda folder: best(folder / "b.json", "mixup", 3), "b.json is for mixup with 3 images a class, which this"),
        (lambda folder: best(folder / "b.json", "mixdown", 3), "b.json: unknown row 'mixdown' to compare"),
        (
            lambda folder: best(folder / "b.json", "glico", 3, classifier="wrn-16-2"),
            "with classifier wrn-16-2, and the",
        ),
        (
            lambda folder: best(folder / "b.json", "glico", 3, decay="cosine"),
            "with decay cosine, and the run has drops",
        ),
        (lambda folder: best(folder / "b.json", "glico", 3, epochs=400), "with epochs 400, and the run has 200"),
        (lambda folder: best(folder / "b.json", "glico", 3, budget=1.0), "with budget 1, and the run has 0.1"),
        (lambda folder: best(folder / "b.json", "glico", 3, lr="fast"), "has lr 'fast' among its options"),
        (lambda folder: (folder / "b.json").write_text("{}"), "b.json is damaged"),
    ],
)
def test_files_that_do_not_go_with_the_run_are_told(files, tmp_path, change, message):
    change(tmp_path)
    with pytest.raises(ValueError, match=message):
        load_tuned(run_with(files))


def test_what_a_search_was_not_told_is_to_be_as_in_the_run(files, tmp_path):
    with pytest.raises(ValueError, match=r"a\.json was found with batch_size 64, and the run has 20"):
        load_tuned(run_with(files, batch_size=20))
    guessing = best(tmp_path / "d.json", "mixmatch", 3, steps=40)  # by Adam, whatever the learning rate of SGD
    assert load_tuned(run_with([guessing], compare=("baseline", "mixmatch"), lr=0.01))


@pytest.mark.slow
@pytest.mark.usefixtures("unexported")
def test_a_run_says_what_each_row_was_trained_by_and_does_not_go_on_with_other_options(files, tmp_path, here):
    run = tmp_path / "run"
    best(files[1], "baseline", 5, lr=0.05, batch_size=20, steps=40)  # the run's steps are of another budget
    words = [
        *TINY_GLICO,
        "--samples-per-class",
        "3,5",
        "--compare",
        "baseline,cutout",
        "--tuned",
        ",".join(map(str, files[:2])),
    ]
    said = output_of(train_glico.main, [*words, "--run-dir", run])
    assert "classifier cutout, 3 images a class: 30 steps" in said
    rows = json.loads((run / "results.json").read_text())
    assert ["lr 0.03" in row["options"] for row in rows] == [True, True, False, False]
    assert all("batch size 20, lr 0.05" in row["options"] for row in rows[2:])
    assert rows[1]["gain"] == pytest.approx(rows[1]["top1"] - rows[0]["top1"])
    (run / "results.json").rename(run / "results.partial.json")
    best(files[0], "baseline", 3, lr=0.04, steps=30)
    assert "was started with other data (tuned was" in here(*words, "--run-dir", run, "--resume", main=train_glico.main)


def test_a_search_takes_no_tuned_options(files, here):
    assert "tuned is for bin/train_glico.py" in here("--tuned", files[0], main=tune.main)
