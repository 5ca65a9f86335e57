"""Runs compared task by task: on made counts, where the answer is known, and where tasks differ."""

import numpy as np
import pytest
from scipy import stats

from latentshot.experiment.paired import Contender, contender_of, contenders_of, mean_interval, paired_table
from latentshot.experiment.run_directory import RunDirectory
from latentshot.experiment.task_scores import IDENTITY, TaskScores, keep_scores, load_scores

N_QUERIES = 20


def made_run(folder, right, seed=0, learner="maml", **tasks):
    """A finished run that answered so many of 20 queries of each task."""
    run = RunDirectory(folder)
    run.start({"seed": seed, "learner": learner}, resume=False)
    row = {"dataset": "d", "source": "d", "split": "test", "n_way": 5, "k_shot": 1, "n_query": 4}
    row |= {"n_tasks": len(right), **{name: value for name, value in tasks.items() if name in IDENTITY}}
    which = {**row, "seed": seed, "images": "8 images, 0f", **tasks}
    keep_scores(run.task_scores_file, TaskScores(which, N_QUERIES, list(right)))
    named = {"method": learner, "options": "", "paper": "", "seconds": 1.0, "trained_on": "d"}
    run.write_results([{**named, **row, "accuracy": 100 * np.mean(right) / N_QUERIES, "ci95": 1.0}])
    return run


def compared(*runs, against=None):
    contenders = contenders_of(runs)
    table = paired_table(contenders, contender_of(contenders, against) if against else None)
    assert table is not None
    return {row["row"]: row for row in table["rows"]}


def test_a_paired_difference_is_what_scipy_makes_of_the_tasks(tmp_path):
    rng = np.random.default_rng(0)
    easy = rng.integers(4, 21, 40)  # tasks differ much, runs of the same task little
    better, worse = easy.tolist(), np.maximum(easy - rng.integers(0, 2, 40), 0).tolist()
    rows = compared(made_run(tmp_path / "worse", worse), made_run(tmp_path / "better", better, learner="protonets"))
    assert list(rows) == ["better", "worse"]
    percent = [100 * np.asarray(right) / N_QUERIES for right in (worse, better)]
    expected = stats.ttest_rel(*percent).confidence_interval(0.95)
    found = rows["worse"]
    assert found["difference"] - found["difference ±"] == pytest.approx(expected.low)
    assert found["difference"] + found["difference ±"] == pytest.approx(expected.high)
    assert (found["verdict"], found["against"], found["over"]) == ("is beaten by", "better", "40 tasks")
    unpaired = stats.ttest_ind(*percent).confidence_interval(0.95)
    assert unpaired.low < 0 < unpaired.high  # which without the pairs nobody could say
    rows = compared(RunDirectory(tmp_path / "worse"), RunDirectory(tmp_path / "better"), against="worse")
    assert rows["better"]["verdict"] == "beats"
    assert rows["better"]["difference"] == pytest.approx(-found["difference"])


def test_a_difference_whose_interval_holds_nought_beats_nobody(tmp_path):
    # differences of 1, -1, 1, 1 of 20: mean 2.5 %, s = 5, t_3 = 3.1824, so +- 7.96
    rows = compared(made_run(tmp_path / "a", [11, 9, 13, 15]), made_run(tmp_path / "b", [10, 10, 12, 14], learner="b"))
    assert rows["b"]["verdict"] == "does not beat"
    assert rows["b"]["difference"] == pytest.approx(-2.5)
    assert rows["b"]["difference ±"] == pytest.approx(3.182446 * 5 / 2, rel=1e-6)


def test_of_several_seeds_the_seeds_are_the_unit(tmp_path):
    rng = np.random.default_rng(1)
    apart = [1, 2, 3]  # of 20, so 5, 10 and 15 percent: 10 +- t_2 s / sqrt(3)
    runs = []
    for seed, step in enumerate(apart):
        right = rng.integers(3, 15, 30)
        runs.append(made_run(tmp_path / f"low-seed{seed}", right.tolist(), seed))
        runs.append(made_run(tmp_path / f"high-seed{seed}", (right + step).tolist(), seed, "protonets"))
    rows = compared(*runs)
    assert rows["low"]["difference"] == pytest.approx(-10)
    assert rows["low"]["difference ±"] == pytest.approx(4.302653 * 5 / 3**0.5, rel=1e-6)
    assert (rows["low"]["over"], rows["low"]["verdict"], rows["low"]["seeds"]) == ("3 seeds", "does not beat", 3)
    assert mean_interval([-5, -10, -15])[0] == -10
    rows = compared(*runs[:3])  # of one row there is but one seed
    assert rows["low"]["over"] == "30 tasks of seed 0"
    assert rows["low"]["difference"] == pytest.approx(-5)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"seed": 1}, "other tasks: seed 1, not 0"),
        ({"n_query": 3}, "other tasks: n_query 3, not 4"),
        ({"images": "9 images, aa"}, "other tasks: images 9 images, aa, not 8 images, 0f"),
    ],
)
def test_other_tasks_are_not_paired_and_it_says_why(tmp_path, change, said):
    rows = compared(made_run(tmp_path / "a", [9, 9]), made_run(tmp_path / "b", [8, 8], learner="b", **change))
    assert rows["b"]["verdict"] == "is not paired with"
    assert rows["b"]["over"] == said
    assert rows["b"]["difference ±"] is None


def test_of_several_evaluations_of_a_run_that_counts_which_the_others_have(tmp_path):
    a, b = made_run(tmp_path / "a", [9, 9]), made_run(tmp_path / "b", [8, 8], learner="b")
    for number, (right, change) in enumerate([([1, 1, 1], {}), ([2, 2], {"n_query": 3})]):
        other = made_run(tmp_path / str(number), right, **change)
        a.write_results([*a.results(), *other.results()])
        keep_scores(a.task_scores_file, load_scores(other.task_scores_file)[0])
    rows = compared(a, b)
    assert rows["b"]["difference"] == pytest.approx(-5)
    assert (rows["a"]["accuracy"], rows["b"]["over"]) == (45, "2 tasks")
    for name, right in (("c", [3, 3, 3]), ("d", [4, 4, 4])):  # of three tasks, as one of a's
        made_run(tmp_path / name, right, seed=0, learner=name)
    four = [RunDirectory(tmp_path / name) for name in "abcd"]
    assert compared(*four, against="b")["a"]["over"] == "2 tasks"  # which b has, though most have three
    assert compared(*four)["a"]["accuracy"] == 5


def test_a_run_without_its_tasks_scores_is_named_and_scores_of_another_evaluation_are_refused(tmp_path):
    a, b = made_run(tmp_path / "a", [9, 9]), made_run(tmp_path / "b", [8, 8], learner="b")
    text = b.task_scores_file.read_text()
    b.task_scores_file.unlink()
    assert compared(a, b)["b"]["over"] == "b kept no task's score: bin/evaluate.py does"
    for damaged, said in (
        (text.replace("[8, 8]", "[8, 9]"), "its mean is not the accuracy"),
        (text.replace("[8, 8]", "[8, 21]"), "is damaged"),
        (text[:-9], "cannot be read"),
    ):
        b.task_scores_file.write_text(damaged)
        with pytest.raises(ValueError, match=rf"task-scores.json.*{said}.*bin/evaluate.py measures again"):
            compared(a, b)


def test_other_shots_and_other_splits_are_compared_apart_and_a_row_of_its_own_not_at_all(tmp_path):
    a = made_run(tmp_path / "a", [9, 9])
    assert paired_table([Contender("a", [a])]) is None
    assert paired_table(contenders_of([a, made_run(tmp_path / "b", [8, 8], learner="b", k_shot=5)])) is None
