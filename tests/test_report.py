"""The report of finished runs: what it shows, that it is one file, and the command that repeats a run."""

import dataclasses
import json
import re
import shlex
import sys
from pathlib import Path

import numpy as np
import pytest
from real_commands import call
from report_pages import Page

from latentshot.bin import report
from latentshot.experiment.command_line import parse
from latentshot.experiment.plots import save_image_sheet
from latentshot.experiment.report import charts
from latentshot.experiment.report.page import Picture, Section, Table, data_uri, write_page
from latentshot.experiment.report.repeat import command
from latentshot.experiment.run_directory import RunDirectory
from latentshot.glico.experiment.config import GlicoConfig
from latentshot.glico.experiment.report import _confusion
from latentshot.lasium.experiment.config import MetaConfig
from latentshot.lasium.experiment.defaults import resolved
from latentshot.lasium.experiment.presets import brought, preset_of_the_command_line
from latentshot.lasium.experiment.report import ALWAYS, GENERATORS_LENGTH
from latentshot.lasium.experiment.unused_options import fits_generator


def finished_run(path, name="<i>A</i> & $x_1$"):
    """The folder of a run whose class names and options are as odd as they come."""
    run = RunDirectory(path)
    config = resolved(MetaConfig(run_dir=path, k_shot=(1, 5)))
    run.start(dataclasses.asdict(config), resume=False)
    run.pictures.mkdir()
    save_image_sheet(run.pictures / "task.png", np.zeros((2, 2, 4, 4, 1)), ["a"], ["b", "c"])
    image = data_uri(np.zeros((4, 4, 1), np.uint8))
    query = {"image": image, "name": name, "example": image, "taken": "b", "taken_example": image, "probability": 0.9}
    classes = [{"name": name, "image": image}, {"name": "b", "image": image}]
    findings = {
        "n_tasks": 3,
        "k_shot": 1,
        "wrong": [query],
        "classes": [{"name": name, "accuracy": 12.5, "queries": 8}],
    }
    findings["tasks"] = [{"accuracy": 40.0, "classes": classes, "wrong": [query]}]
    (path / "findings.json").write_text(json.dumps(findings))
    history = [{"loss": 1.0 / (n + 1), "accuracy": 20.0 + n, "val_accuracy": 20.0 + n, "ci95": 1.0} for n in range(3)]
    run.checkpoints.mkdir()
    (run.checkpoints / "history.json").write_text(json.dumps(history))
    row = {"method": "M", "dataset": "glyphs", "split": "test", "trained_on": "glyphs", "source": "glyphs", "n_way": 5}
    row |= {"n_query": 15, "n_tasks": 7, "options": "<script>", "paper": "75.02 ± 0.66 (table 7)", "seconds": 1.0}
    run.write_results([{**row, "k_shot": k, "accuracy": 61.25 + k, "ci95": 0.5} for k in (1, 5)])
    return run


@pytest.mark.parametrize(
    ("option", "place", "message"),
    [
        ("--html", ".", "is a folder: name a file"),
        ("--picture", "results.json/x.png", "results.json is no folder"),
        ("--picture", "results", "results; its ending must name a format"),
    ],
)
def test_a_report_that_cannot_be_written_is_told_before_anything_is_shown(tmp_path, capsys, option, place, message):
    run = finished_run(tmp_path / "run").path
    with pytest.raises(SystemExit, match=message):
        call(report.main, [run, option, run / place])
    assert not capsys.readouterr().out


def test_a_report_of_several_runs_is_one_file_that_shows_what_each_did(tmp_path, monkeypatch, capsys):
    runs = [finished_run(tmp_path / name).path for name in ("one", "two")]
    monkeypatch.setattr(sys, "argv", ["report.py", *map(str, runs), "--html", str(tmp_path / "report.html")])
    report.main()
    page = Page(tmp_path / "report.html")
    assert page.charts == 2 + 2 * 3  # results and shots; two curves and the classes of each
    assert page.headings.count("The hardest tasks") == 2
    assert {f"M, glyphs, 5-way of {name}" for name in ("one", "two")} <= set(page.texts)
    assert {"Results", "Accuracy and shots", "one", "two", "To repeat it"} <= set(page.headings)
    for words in (
        "62.25",
        "66.25",
        "75.02 ± 0.66 (table 7)",
        "12.50",
        "<i>A</i> & $x_1$",
        "<script>",
        "90%",
        "40 % right",
    ):
        assert words in page.text
    assert len(page.images) == 2 * (1 + 2 + 3 + 3)


def test_runs_of_one_name_have_headings_links_and_labels_of_their_own(tmp_path, capsys):
    runs = [finished_run(tmp_path / name / "run").path for name in ("first", "second")]
    files = ["--html", tmp_path / "page.html", "--picture", tmp_path / "results.svg"]
    call(report.main, [*runs, *files])
    page = (tmp_path / "page.html").read_text()
    results, *_ = capsys.readouterr().out.split("\n\n")
    picture = (tmp_path / "results.svg").read_text()
    for run in map(str, runs):
        (link,) = re.findall(rf'<a href="#(section-\d+)">{run}</a>', page)
        assert f'<h2 id="{link}">{run}</h2>' in page
        assert results.count(run) == 2  # a row for each number of shots
        assert run[-9:] in picture  # of long names it shows the ends


def test_the_counts_of_many_classes_are_left_to_the_runs_folder(tmp_path):
    for n in (3, 60):
        names = [f"class {number}" for number in range(n)]
        (tmp_path / f"{n}-confusion.json").write_text(json.dumps({"classes": names, "counts": np.eye(n).tolist()}))
    section = _confusion([tmp_path / "3-confusion.json", tmp_path / "60-confusion.json"], "a sample")
    assert [table.columns[1:] for table in section.tables] == [["class 0", "class 1", "class 2"]]
    assert len(section.pictures) == 2


def test_a_name_that_is_no_utf_8_does_not_end_the_report(tmp_path):
    write_page(tmp_path / "report.html", "caf\udce9", "lead", [Section("caf\udce9", "text\nof two lines")])
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "caf\\udce9" in page
    assert "text\nof two lines" in page


def test_a_page_that_would_be_too_large_says_what_it_leaves_out(tmp_path):
    noise = data_uri(np.random.default_rng(0).integers(0, 256, (900, 900, 1), dtype=np.uint8))  # about a megabyte
    words = [Table(["name"], [["in words"]])]
    sections = [Section(f"part {n}", pictures=[Picture(noise, "noise")], tables=words) for n in range(4)]
    write_page(tmp_path / "page.html", "title", "lead", sections)
    page = Page(tmp_path / "page.html")
    assert len(page.images) == 2
    assert page.text.count("Left out here") == 2
    assert page.text.count("in words") == 4


@pytest.mark.parametrize(
    "given",
    [
        [],
        ["--dataset", "omniglot", "--recipe", "strong", "--seed", "3", "--no-quarter-turns"],
        ["--dataset", "celeba", "--generator", "progan", "--strategy", "n", "--k-shot", "2,7", "--first-order"],
        ["--tasks", "umtra", "--learner", "protonets", "--meta-lr", "0.0123"],
        ["--dataset", "tfds:cifar10", "--recipe", "paper", "--generator-epochs", "15", "--any-generator"],
        ["--dataset", "tfds:cifar10", "--network", "vgg19", "--weights", "imagenet", "--discriminants", "None"],
    ],
)
def test_the_command_repeats_the_configuration(given, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["train_meta.py", *given])
    config = resolved(parse(MetaConfig, "", preset_of_the_command_line()))
    usual = {"train_n_way": config.n_way, **brought(config)}
    always = (*ALWAYS, *GENERATORS_LENGTH) if fits_generator(config) else ALWAYS
    words = command("bin/train_meta.py", config, usual, always)
    monkeypatch.setattr(sys, "argv", shlex.split(words))
    assert resolved(parse(MetaConfig, "", preset_of_the_command_line())) == config


def test_the_command_names_what_was_tuned():
    config = GlicoConfig(tuned=("a.json", "b.json"), run_dir=Path("runs/x"), resume=True)
    assert command("bin/train_glico.py", config, {}, ("dataset",)) == (
        "bin/train_glico.py --dataset digits --tuned a.json,b.json"
    )


def test_a_chart_takes_the_pages_colour_and_shares_no_id_with_another():
    drawn = [charts.bars(["a", "_b $"], [50.0, 60.0], [1.0, 0.0], [None, 70.0], "accuracy, %") for _ in range(2)]
    drawn.append(charts.matrix(np.eye(3, dtype=int), ["x", "y", "z"], "matrix"))
    assert all(chart.startswith("<svg") and "currentColor" in chart and charts.INK not in chart for chart in drawn)
    assert "_b $: 60.0" in drawn[0]


def test_a_run_is_not_shown_in_the_line_of_another_split(tmp_path):
    run = finished_run(tmp_path / "run")
    rows = run.results()
    run.write_results([*rows, {**rows[0], "split": "validation", "accuracy": 99.0}])
    call(report.main, [run.path, "--html", tmp_path / "page.html"])
    page = Page(tmp_path / "page.html")
    assert "M, glyphs, 5-way" in page.texts
    assert "M, glyphs (validation), 5-way" not in page.texts  # of one number of shots
    assert "M, glyphs (validation), 5-way 1-shot" in page.texts  # in the table
    assert "Accuracy on test and validation tasks." in page.text


def test_accuracies_over_other_numbers_of_tasks_are_two_lines(tmp_path):
    run = finished_run(tmp_path / "run")
    rows = run.results()
    run.write_results([*rows, *({**row, "n_tasks": 1000} for row in rows)])
    call(report.main, [run.path, "--html", tmp_path / "page.html"])
    assert {"M, glyphs, 5-way, 7 tasks", "M, glyphs, 5-way, 1,000 tasks"} <= set(Page(tmp_path / "page.html").texts)


def test_a_run_without_results_is_left_out_and_named(tmp_path, capsys):
    run = finished_run(tmp_path / "run")
    drawn = RunDirectory(tmp_path / "drawn")
    drawn.start(run.config(), resume=False)
    drawn.write_results([])
    call(report.main, [run.path, drawn.path, "--html", tmp_path / "page.html"])
    assert f"left out: {drawn.path} has no results to report" in capsys.readouterr().err


def test_the_matrix_of_many_classes_takes_no_more_room_than_a_picture():
    names = [f"class {n}" for n in range(200)]
    assert len(charts.matrix(np.eye(200), names, "all right")) < 300_000


def test_runs_of_one_name_are_told_apart_by_their_folders(tmp_path):
    runs = [finished_run(tmp_path / place / "run").path for place in "ab"]
    call(report.main, [*runs, "--html", tmp_path / "page.html"])
    texts = Page(tmp_path / "page.html").texts
    assert {f"M, glyphs, 5-way of {run.resolve()}" for run in runs} <= set(texts)
