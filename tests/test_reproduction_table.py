"""The table of a reproduction: of made runs, where the figures are known; and the pictures beside it."""

import json

import numpy as np
import pytest

from latentshot.experiment.recipe import OVER_SEEDS, Column, Recipe, Row, shots, top_accuracies
from latentshot.experiment.reproduction import Reproduction
from latentshot.experiment.reproduction_table import Outcome, reproduction_table
from latentshot.experiment.result_tables import as_markdown, load_table
from latentshot.experiment.run_directory import RunDirectory


def finished_run(folder, **results):
    run = RunDirectory(folder)
    run.start({}, resume=False)
    named = dict.fromkeys(("method", "dataset", "options", "paper"), "")
    run.write_results([{**named, "k_shot": 1, "seconds": 60.0, **results}])
    return run


def test_several_seeds_give_their_mean_its_interval_and_their_standard_deviation(tmp_path):
    row = Row("Method", ("80.00 ± 0.40",))
    recipe = Recipe("lasium/table-0", "table 0", "Title", "train_meta", shots(1), {}, (row,), "interval")
    runs = [finished_run(tmp_path / str(i), accuracy=a, ci95=0.6) for i, a in enumerate((80.0, 82.0, 84.0))]
    (cells,) = reproduction_table(recipe, [Outcome(row, "command", runs)], "")["rows"]
    assert cells["1-shot ours"] == pytest.approx(82.0)
    assert cells["1-shot ours ±"] == pytest.approx(0.6 / 3**0.5)  # of three independent runs
    assert cells["1-shot sd"] == pytest.approx(2.0)
    # of the difference that of other trainings, by Student's t of 2 degrees
    assert cells["1-shot difference ±"] == pytest.approx(np.hypot(4.3027 * 2.0 / 3**0.5, 0.4), rel=1e-4)
    assert cells["bold"] == []


def test_figures_of_other_images_have_no_difference_from_the_papers_and_say_so(tmp_path):
    row = Row("Method", ("80.00 ± 0.40",))
    recipe = Recipe("lasium/table-0", "table 0", "Omniglot", "train_meta", shots(1), {}, (row,), "interval")
    run = finished_run(tmp_path, accuracy=95.0, ci95=0.6)
    outcomes = [Outcome(row, "command", [run], other_problem="--dataset folder:mine")]
    table = reproduction_table(recipe, outcomes, "--dataset folder:mine")
    assert table["title"] == "lasium/table-0: Omniglot; ours with --dataset folder:mine"
    assert [column["key"] for column in table["columns"]] == ["method", "1-shot paper", "1-shot ours"]
    assert table["note"] == "±: interval. Run with --dataset folder:mine."


def test_figures_have_beside_them_what_they_are_measured_by_and_their_own_digits(tmp_path):
    column = Column("kernel", {}, "kernel", "kernel_ste", "kernel distance", digits=4)
    row = Row("Method", ("",))
    recipe = Recipe("glico/figure-0", "figure 0", "T", "train_glico", (column,), {}, (row,), "i", beside="features")
    run = finished_run(tmp_path, kernel=0.01234, kernel_ste=None, features="mobilenet, 64 px")
    table = as_markdown(reproduction_table(recipe, [Outcome(row, "command", [run])], ""))
    assert "0.0123 " in table
    assert "mobilenet, 64 px" in table


def test_a_difference_within_both_intervals_is_not_stressed(tmp_path):
    row = Row("Method", ("80.00 ± 0.40",))
    recipe = Recipe("lasium/table-0", "table 0", "Title", "train_meta", shots(1), {}, (row,), "interval")
    table = reproduction_table(recipe, [Outcome(row, "c", [finished_run(tmp_path, accuracy=80.5, ci95=0.4)])], "")
    assert "80.50 ± 0.40" in as_markdown(table)
    assert "+0.50 ± 0.57" in as_markdown(table)
    assert "**" not in as_markdown(table)


@pytest.mark.parametrize(
    ("papers", "ours", "half_width", "is_stressed"),
    [
        # Student's t at 97.5 %: 4.302653 for three seeds, which are the paper's too, and 2.776445 for five
        ("80.00 ± 0.20", {"top1": 82.3, "ste": 0.5, "seeds": 3}, 4.302653 * np.hypot(0.5, 0.2), False),
        ("80.00 ± 0.20", {"top1": 82.4, "ste": 0.5, "seeds": 3}, 4.302653 * np.hypot(0.5, 0.2), True),
        ("80.00 ± 0.20", {"top1": 78.3, "ste": 0.5, "seeds": 5}, np.hypot(2.776445 * 0.5, 4.302653 * 0.2), True),
        ("80.00", {"top1": 90.0, "ste": 0.5, "seeds": 3}, None, False),
        ("80.00 ± 0.20", {"top1": 90.0, "ste": None, "seeds": 1}, None, False),
    ],
)
def test_a_difference_of_means_over_seeds_has_students_interval_and_is_stressed_beyond_it(
    papers, ours, half_width, is_stressed, tmp_path
):
    row = Row("Method", (papers,))
    recipe = Recipe("glico/table-0", "table 0", "T", "train_glico", top_accuracies(1), {}, (row,), OVER_SEEDS)
    run = finished_run(tmp_path, **ours)
    (cells,) = reproduction_table(recipe, [Outcome(row, "command", [run])], "")["rows"]
    assert cells["top-1 difference"] == pytest.approx(ours["top1"] - 80.0)
    assert cells["top-1 difference ±"] == pytest.approx(half_width)
    assert cells["bold"] == ["top-1 difference"] * is_stressed


def test_the_order_of_rows_is_compared_with_the_papers(tmp_path):
    """Of figures 1, 2, 3, 4 ours are in the order 2, 1, 4, 3: Spearman's 1 - 6 * 4 / (4 * 15) = 0.6."""
    ours = {"a": (2, 1, 4, 3), "b": (30, 20, 10)}  # and of 10, 20, 30 in the opposite one
    rows, outcomes = [], []
    for group, values in ours.items():
        for number, value in enumerate(values, start=1):
            figure = str(10 * number if group == "b" else number)
            rows.append(Row(f"{group}{number}", (figure,), {"learner": group}))
            run = finished_run(tmp_path / rows[-1].slug, accuracy=float(value), ci95=0.6)
            outcomes.append(Outcome(rows[-1], "command", [run]))
    recipe = Recipe(
        "lasium/table-0", "table 0", "Title", "train_meta", shots(1), {}, tuple(rows), "interval",
        ranked_within=("learner",),
    )  # fmt: skip
    table = reproduction_table(recipe, outcomes, "")
    # all: paper's ranks 1..7, ours 2, 1, 4, 3, 7, 6, 5: 1 - 6 * 12 / (7 * 48)
    said = f"1-shot: {1 - 72 / 336:.2f} (all rows, 7); 0.60 (a, 4); -1.00 (b, 3)."
    assert f"Spearman's correlation with the paper's order, {said}" in table["note"]
    (tmp_path / "table.json").write_text(json.dumps(table))
    assert as_markdown(load_table(tmp_path / "table.json")) == as_markdown(table)  # as the files of results/
    assert "Spearman" not in reproduction_table(recipe, outcomes[:2], "")["note"]  # two rows have no order to speak of


def test_only_pictures_that_a_run_has_are_copied_each_under_its_own_name(tmp_path):
    pictures = ("10-per-class/seed9/a.png", "100-per-class/seed9/a.png", "10-per-class/seed10/a.png")
    patterns = ("*-per-class/seed*/a.png", "*-per-class/seed*/b.png")
    row = Row("Method", ("80.00 ± 0.40",))
    recipe = Recipe("a/b", "b", "T", "train_meta", shots(1), {}, (row,), "i", pictures=patterns)
    run = finished_run(tmp_path / "run", accuracy=80.5, ci95=0.4)
    for picture in pictures:
        (run.path / picture).parent.mkdir(parents=True)
        (run.path / picture).write_text(picture)
    directory = RunDirectory(tmp_path)
    Reproduction(recipe, (row,), {}, {}, 1)._copy_pictures(Outcome(row, "c", [run]), directory)
    copied = sorted(file.name for file in directory.pictures.iterdir())
    assert copied == ["method-10-per-class-a.png", "method-100-per-class-a.png"]
    assert (directory.pictures / copied[0]).read_text() == pictures[0]  # of the first sample
