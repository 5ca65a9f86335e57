"""The benchmarks' own correctness, without the peers' packages."""

from typing import Any

import numpy as np
import pytest

from latentshot.benchmarks.harness import Candidate, check, compare, table
from latentshot.benchmarks.maml_problem import MamlProblem

TINY: dict[str, Any] = {"filters": 4, "tasks": 1, "inner_steps": 1, "n_query": 1, "n_way": 2}


def test_our_step_computes_what_a_plain_loop_computes_and_both_are_timed(capsys):
    problem = MamlProblem(**TINY, side=16, downsampling="max_pool")
    peers = {"maml_latentshot": "tensorflow", "maml_tensorflow_loop": "tensorflow", "maml_nobody": "no_such_package"}
    rows = compare(peers, problem, steps=2)
    assert [row["candidate"] for row in rows] == ["maml_latentshot", "maml_tensorflow_loop"]
    assert rows[0]["ratio"] == 1
    assert "maml_nobody is left out: no_such_package is not installed" in capsys.readouterr().err
    assert "maml_tensorflow_loop" in table(rows, problem.flops(), peak=1e11)


def test_candidates_that_differ_are_told():
    ours, theirs = (object.__new__(Candidate) for _ in range(2))
    for candidate, change in ((ours, 1.0), (theirs, 1.01)):
        candidate.name, candidate.first, candidate.changes = "x", {"loss": 1.0}, [np.full(3, change)]
    with pytest.raises(RuntimeError, match=r"x and x differ by 0\.01"):
        check([ours, theirs])


def test_the_operations_of_a_step_are_those_of_its_convolutions():
    # one task of two images, each counted by hand: 2 * 9 * inputs * filters * places, in four blocks of 16, 8, 4, 2;
    # forward and by weights, and but for the first by inputs
    per_image = 18 * 4 * (2 * 1 * 16**2 + 3 * (4 * 8**2 + 4 * 4**2 + 4 * 2**2))
    problem = MamlProblem(**TINY, side=16, downsampling="max_pool", first_order=True)
    assert problem.flops() == per_image * (2 + 2)
