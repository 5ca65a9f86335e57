"""GLICO's tables and figures by bin/reproduce.py: rows paired on the same samples, curves over the sizes of samples."""

import json

import numpy as np
import pytest
from matplotlib.image import imread
from real_commands import output_of

from latentshot.bin import reproduce, train_glico

FIGURE_6 = [
    *("glico/figure-6", "--rows", "baseline,cosine", "--seeds", "2", "--budget", "0.0005", "--against", "baseline"),
    *("--options", "dataset=digits", "samples_per_class=10,25", "classifier=weak-cnn"),
]


@pytest.mark.slow
def test_figure_6_is_a_curve_of_rows_that_are_compared_sample_by_sample(tmp_path, cache, rows_here):
    rows_here(train_glico.main)
    run = tmp_path / "run"
    output_of(reproduce.main, [*FIGURE_6, "--run-dir", run])
    table = json.loads((run / "table.json").read_text())
    by_itself = {name: json.loads((run / name / "results.json").read_text()) for name in ("baseline", "cosine")}
    for row in table["rows"]:
        results = by_itself[row["method"]]
        assert [row["10 a class ours"], row["25 a class ours"]] == [each["top1"] for each in results]
        assert row["seeds"] == 2
        assert row["minutes"] == pytest.approx(sum(each["seconds"] for each in results) / 60, abs=0.06)
    compared = {(row["samples"], row["row"]): row for row in table["paired"]["rows"]}
    for number, size in enumerate((10, 25)):
        baseline, cosine = (by_itself[name][number]["top1_by_seed"] for name in ("baseline", "cosine"))
        found = compared[f"digits, {size} a class", "cosine"]
        assert found["difference"] == pytest.approx(np.mean(np.subtract(cosine, baseline)))
        assert (found["against"], found["over"]) == ("baseline", "2 samples")
    assert "On the same samples" in (run / "table.md").read_text()
    assert imread(run / "table.png").shape[1] > 600
