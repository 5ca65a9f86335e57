"""The command that reproduces a table: killed, resumed, and given what it cannot do."""

import json
import signal
from types import SimpleNamespace

import pytest
from killing import commands_with, kill_when, wait_for_handlers, wait_until, wait_until_none_has
from real_commands import call, output_of, start

from latentshot.bin import reproduce, train_meta
from latentshot.experiment.run_directory import RunDirectory

ROWS = ["lasium/table-1", "--rows", "supervised-protonets,training-from-scratch", "--iterations", "4", "--n-tasks", "4"]
TINY = [
    *("--options", "k_shot=1", "filters=4", "eval_inner_steps=2", "meta_batch_size=1"),
    *("val_tasks=0", "calibration_tasks=0"),
]


def figures(run_dir):
    """The table without what differs between two runs of the same."""
    table = json.loads((run_dir / "table.json").read_text())
    return table | {"rows": [{k: v for k, v in row.items() if k != "minutes"} for row in table["rows"]]}


@pytest.mark.slow
def test_a_killed_reproduction_is_resumed_to_the_same_table(prepared_tfds, tmp_path, cache, rows_here):
    rows_here(train_meta.main)
    arguments = [*ROWS, *TINY, "--data-dir", prepared_tfds, "--run-dir"]
    assert "paper" in output_of(reproduce.main, [*arguments, tmp_path / "whole"])
    process = start("reproduce.py", [*arguments, tmp_path / "killed"], cache)
    second = tmp_path / "killed" / "training-from-scratch-seed0" / "config.json"
    kill_when(process, second.exists)
    rows = figures(tmp_path / "killed")["rows"]
    assert [row["status"] for row in rows] == ["", "not run yet"]
    call(reproduce.main, [*arguments, tmp_path / "killed", "--resume"])
    assert figures(tmp_path / "killed") == figures(tmp_path / "whole")
    for name in ("table.md", "table.csv", "table.png"):
        assert (tmp_path / "killed" / name).stat().st_size
    cells = figures(tmp_path / "whole")["rows"][1]
    assert cells["1-shot difference"] == pytest.approx(cells["1-shot ours"] - 51.64)
    assert cells["command"].startswith("bin/train_meta.py --dataset omniglot --recipe paper --learner scratch")


def test_fewer_iterations_do_not_train_what_stays_as_it_comes():
    config = reproduce.ReproduceConfig("strong/photographs", iterations=100)
    reproduction = reproduce.build(config)
    iterations = {row.slug: reproduction.options(row)["iterations"] for row in reproduction.rows}
    assert {slug for slug, n in iterations.items() if n == 0} == {"mobilenet-as-it-comes", "mobilenet-strong"}
    assert iterations["strong"] == 100


def test_the_number_of_checkpoints_stays_about_as_it_was():
    found = {}
    for iterations in (20, 1000, 1001, 1009):
        config = reproduce.ReproduceConfig(
            "lasium/table-7", iterations=iterations, rows=("lasium-ro-vae-maml-alpha-0.2",)
        )
        found[iterations] = reproduce.build(config).overrides["checkpoint_every"]
    assert found == {20: 20, 1000: 100, 1001: 91, 1009: 1009}  # the last is prime


def test_weights_are_for_the_rows_of_an_embedding_that_the_options_name(tmp_path):
    weights = tmp_path / "vgg.h5"
    weights.touch()
    rows, options = ("linear-classifier-acai", "training-from-scratch"), ("embedding=vgg19", f"weights={weights}")
    reproduction = reproduce.build(reproduce.ReproduceConfig("lasium/table-1", rows=rows, options=options))
    assert [reproduction.options(row).get("weights") for row in reproduction.rows] == [str(weights), None]


def search(file, row, **options):
    given = {"dataset": "digits", "samples_per_class": [10], "classifier": "weak-cnn", "lr": 0.03, **options}
    file.write_text(json.dumps({"row": row, "options": {**given, "steps": 30, "weight_decay": 0.01, "batch_size": 20}}))
    return file


def test_of_several_searches_a_row_takes_its_own_and_the_baseline_s(tmp_path):
    baseline, glico, cosine = (search(tmp_path / f"{row}.json", row) for row in ("baseline", "glico", "cosine"))
    known = ("dataset=digits", "samples_per_class=10", "classifier=weak-cnn")

    def built(*options, rows=("baseline", "glico", "mixmatch")):
        return reproduce.build(reproduce.ReproduceConfig("glico/figure-6", rows=rows, options=(*known, *options)))

    reproduction = built(f"tuned={baseline},{glico}", "guess_weight=10")
    taken = [reproduction.options(row) for row in reproduction.rows]
    assert [options["tuned"] for options in taken] == [str(baseline), f"{baseline},{glico}", str(baseline)]
    assert [options.get("guess_weight") for options in taken] == [None, None, "10"]
    with pytest.raises(ValueError, match=r"tuned is .*cosine\.json among the options, and none of the rows takes it"):
        built(f"tuned={baseline},{cosine}")
    with pytest.raises(ValueError, match="guess_weight is 10 among the options, and none of the rows takes it"):
        built("guess_weight=10", rows=("baseline",))
    of_one_method = ("compare=glico+mixmatch", "guess_weight=10", f"tuned={baseline}")
    others = reproduce.build(reproduce.ReproduceConfig("glico/figure-7", options=(*known, *of_one_method)))
    assert {others.options(row)["guess_weight"] for row in others.rows} == {"10"}
    with pytest.raises(ValueError, match=r"baseline cannot be run with .*was found with classifier cnn-32"):
        built(f"tuned={search(tmp_path / 'other.json', 'baseline', classifier='cnn-32')}", rows=("baseline",))


@pytest.mark.parametrize(
    ("recipe", "option", "message"),
    [
        ("lasium/table-1", "k_shot=10", "k_shot has 10, and the columns are of 1, 5"),
        ("glico/figure-6", "samples_per_class=10,15", "samples_per_class has 15, and the columns are of 10, 25, 50"),
        ("glico/table-2", "samples_per_class=10,25", "samples_per_class has 2 numbers, and the columns are of one"),
        (
            "glico/table-2",
            "compare=baseline",
            "the rows of glico/table-2 differ by: choose them by --rows",
        ),
        ("glico/table-3", "compare=baseline", "compare is what the rows of glico/table-3 differ by"),
        ("lasium/table-1", "learner=maml", "learner is what the rows of lasium/table-1 differ by"),
        ("glico/figure-7", "compare=baseline,glico", "compare names 2 methods, and a row is of one"),
    ],
)
def test_what_no_column_would_show_is_told_before_anything_is_trained(recipe, option, message):
    with pytest.raises(ValueError, match=message):
        reproduce.build(reproduce.ReproduceConfig(recipe, options=(option,)))


def test_the_command_of_a_row_is_what_one_would_type():
    config = reproduce.ReproduceConfig(
        "glico/figure-6", rows=("cutout",), seeds=2, options=("dataset=folder:my photos",)
    )
    reproduction = reproduce.build(config)
    words = reproduction._typed(reproduction.options(reproduction.rows[0]))
    assert words.startswith("bin/train_glico.py --dataset 'folder:my photos' ")
    assert words.endswith(" --seeds 2")


def test_an_option_that_is_true_or_false_becomes_a_flag_of_the_rows_command():
    options = ("alternate_support=True", "quarter-turns=false")
    reproduction = reproduce.build(reproduce.ReproduceConfig("strong/letters", options=options))
    for row in reproduction.rows:
        words = reproduction._command(reproduction.options(row))
        assert {"--alternate-support", "--no-quarter-turns"} <= set(words)


def test_a_row_that_fails_is_named_and_the_others_go_on(tmp_path, rows_here, capsys):
    rows_here(train_meta.main)
    rows = ["lasium/table-2", "--rows", "training-from-scratch,supervised-maml", "--data-dir", tmp_path / "nowhere"]
    with pytest.raises(SystemExit) as ended:
        call(reproduce.main, [*rows, "--run-dir", tmp_path / "run"])
    assert ended.value.code == 1
    out = capsys.readouterr().out
    for row in figures(tmp_path / "run")["rows"]:
        assert "has no identity_CelebA.txt" in row["status"]
    assert "34.69 ± 0.50" in out


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_the_run_of_a_row_ends_with_the_command(tmp_path, cache, number):
    run = tmp_path / "run" / "supervised-protonets-seed0"
    arguments = ["methods/glyphs", "--rows", "supervised-protonets", "--run-dir", run.parent]
    process = start("reproduce.py", arguments, cache)
    wait_until(process, lambda: commands_with(run))
    (child,) = commands_with(run)
    wait_for_handlers(SimpleNamespace(pid=child.parent.name, poll=process.poll))
    process.send_signal(number)
    process.communicate(timeout=60)
    if number == signal.SIGTERM:
        assert process.returncode == 128 + number
        assert "interrupted" in run.with_name(f"{run.name}.log").read_text()
    wait_until_none_has(run)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "there is no recipe '': choose one of glico/figure-1"),
        (["lasium/table-9"], "there is no recipe 'lasium/table-9': choose one of"),
        (
            ["lasium/table-7", "--rows", "nothing"],
            "lasium/table-7 has no row 'nothing': choose among lasium-n-gan-maml",
        ),
        (
            ["lasium/table-1", "--rows", "supervised-maml,supervised-maml"],
            "rows names a row twice: supervised-maml, su",
        ),
        (["lasium/table-7", "--against", "nothing"], "against is 'nothing', which is none of the rows: lasium-n-gan"),
        (["lasium/figure-1", "--against", "glico"], "against is for tables; lasium/figure-1 measures nothing"),
        (["lasium/figure-1", "--seeds", "3"], "seeds is for tables; lasium/figure-1 measures nothing"),
        (["lasium/table-7", "--seeds", "0"], "seeds is 0; it must be 1 or more"),
        (["lasium/table-7", "--budget", "0.1"], "budget is no option of bin/train_meta.py, which runs the rows of"),
        (["glico/table-2", "--iterations", "10"], "iterations is no option of bin/train_glico.py"),
        (["lasium/table-7", "--iterations", "-5"], "iterations is -5; it must be 0 or more"),
        (["lasium/table-7", "--options", "filters"], "'filters' among the options is no name=value"),
        (["lasium/table-7", "--options", "filter=8"], "filter is no option of bin/train_meta.py"),
        (["lasium/table-7", "--options", "filters=8", "filters=4"], "filters is given twice"),
        (
            ["strong/letters", "--options", "quarter-turns=maybe"],
            "quarter_turns is 'maybe' among the options",
        ),
        (["lasium/table-7", "--options", "n-tasks=8"], "n_tasks is an option of bin/reproduce.py itself: give it as"),
        (["strong/photographs", "--options", "weights=no.h5"], "weights is 'no.h5' among the options, and there is no"),
        (
            ["lasium/table-7", "--iterations", "1001", "--options", "checkpoint_every=500"],
            "iterations (1001) must be a multiple of checkpoint_every (500)",
        ),
        (["lasium/table-7", "--options", "seed=3"], "the seeds are 0, 1 and so on, as many as --seeds says"),
        (
            ["glico/table-2", "--budget", "-1"],
            "glico cannot be run with --budget -1: Error parsing GlicoConfig: budget",
        ),
        (
            ["strong/letters", "--options", "train_n_way=16"],
            "maml cannot be run with --train-n-way 16: Error parsing MetaConfig: train_n_way (16) differs from n_way",
        ),
        (
            ["lasium/table-1", "--options", "filters=many"],
            "training-from-scratch cannot be run with --filters many: Error parsing --filters: invalid",
        ),
    ],
)
def test_what_cannot_be_reproduced_is_told_before_anything_is_written(tmp_path, here, arguments, message):
    said = here(*arguments, "--run-dir", tmp_path / "run", main=reproduce.main)
    assert message in said
    assert not (tmp_path / "run").exists()


def test_a_table_among_the_images_is_told(own_folder, here):
    images = ["lasium/figure-2", "--options", f"dataset=folder:{own_folder}", "--run-dir"]
    said = here(*images, own_folder / "test" / "run", main=reproduce.main)
    assert f"lies among the images of {own_folder}: choose another --run-dir" in said


def test_another_table_and_a_forgotten_resume_are_told(tmp_path, here):
    RunDirectory(tmp_path).start({"recipe": "lasium/table-1"}, resume=False)
    said = here("lasium/table-7", "--run-dir", tmp_path, main=reproduce.main)
    assert "holds a run already: continue it with --resume" in said
    said = here("lasium/table-7", "--run-dir", tmp_path, "--resume", main=reproduce.main)
    assert "recipe was 'lasium/table-1' and is 'lasium/table-7'" in said


def test_the_list_says_what_runs_here_and_what_is_missing(tmp_path, capsys, monkeypatch):
    (tmp_path / "omniglot").mkdir()
    monkeypatch.setattr("sys.argv", ["reproduce.py", "--list", "--data-dir", str(tmp_path)])
    reproduce.main()
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert "lasium-ro-vae-maml-alpha-0.2 runs here" in lines
    assert "cactus-maml-acai runs here" in lines
    assert "umtra-maml needs the archive of CelebA (--data-dir)" in lines
    assert any(line.startswith("baseline-cifar100 needs cifar100 (a download") for line in lines)
