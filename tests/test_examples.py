"""The examples run from top to bottom, with fewer steps, and are notebooks."""

import re
import runpy
from pathlib import Path

import matplotlib.pyplot as plt
import pytest

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
WHAT_THEY_END_WITH = {
    "five_new_letters": r"\d+ of 10 queries right",
    "ten_photographs_a_class": r"baseline: \d+\.\d %, GLICO: \d+\.\d %",
    "your_own_pieces": r"\['this' 'this too'\]",
}


def test_every_example_is_run_here():
    assert {script.stem for script in EXAMPLES.glob("*.py")} == WHAT_THEY_END_WITH.keys()


@pytest.mark.slow
@pytest.mark.parametrize("name", WHAT_THEY_END_WITH)
def test_an_example_runs_from_top_to_bottom(name, tmp_path, monkeypatch, capsys):
    script = (EXAMPLES / f"{name}.py").read_text(encoding="utf-8")
    assert script.startswith("# %% [markdown]\n# # ")
    shorter, found = re.subn(r"^STEPS = \d+", "STEPS = 4", script, flags=re.MULTILINE)
    assert found == 1
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(plt, "show", plt.close)
    shorter, found = re.subn(r'"n_tasks": \d+', '"n_tasks": 4', shorter)
    assert found == (name != "ten_photographs_a_class")
    Path("shorter.py").write_text(shorter, encoding="utf-8")
    runpy.run_path("shorter.py")
    assert re.search(WHAT_THEY_END_WITH[name] + r"\s*$", capsys.readouterr().out)
