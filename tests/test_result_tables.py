"""Figures as data, their tables in the documentation, and that the two agree."""

import json
from pathlib import Path

import pytest

from latentshot.bin import update_results
from latentshot.experiment.result_pages import update_pages, updated_page
from latentshot.experiment.result_tables import as_csv, as_markdown, load_table

ROOT = Path(__file__).resolve().parent.parent
TABLE: dict[str, list] = {
    "columns": [
        {"key": "method", "title": "method"},
        {"key": "accuracy", "title": "1-shot", "error": "ci95", "digits": 2},
        {"key": "gain", "title": "gain", "error": "gain_error", "digits": 1, "sign": True},
        {"key": "steps", "title": "steps"},
    ],
    "rows": [
        {"method": "a|b", "accuracy": 84.7, "ci95": 0.5, "gain": 1.25, "gain_error": 0.5, "bold": ["accuracy"]},
        {"method": "c", "accuracy": 80.0, "steps": 1000, "gain": -1.0},
    ],
}


def cells(markdown):
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in markdown.splitlines()]


def test_figures_are_shown_with_their_errors_their_digits_and_their_signs():
    head, _, first, second = cells(as_markdown(TABLE))
    assert head == ["method", "1-shot", "gain", "steps"]
    assert first[:3] == ["a\\|b", "**84.70 ± 0.50**", "+1.2 ± 0.5"]
    assert second == ["c", "80.00", "-1.0", "1000"]


def test_a_page_chooses_columns_and_their_order():
    assert cells(as_markdown(TABLE, ["steps", "method"]))[3] == ["1000", "c"]
    with pytest.raises(ValueError, match="there is no column 'time': choose among method, accuracy, gain, steps"):
        as_markdown(TABLE, ["time"])


def test_the_csv_has_the_numbers_as_they_are():
    head, first, _ = as_csv(TABLE).splitlines()
    assert head == "method,accuracy,ci95,gain,gain_error,steps"
    assert first == "a|b,84.7,0.5,1.25,0.5,"


@pytest.mark.parametrize(
    ("text", "message"),
    [(None, "there is no table"), ("{", "is no JSON file"), ("[]", "must have `columns` and `rows`")],
)
def test_what_is_no_table_is_told(tmp_path, text, message):
    if text is not None:
        (tmp_path / "t.json").write_text(text)
    with pytest.raises(ValueError, match=message):
        load_table(tmp_path / "t.json")


@pytest.fixture
def checkout(tmp_path):
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "t.json").write_text(json.dumps(TABLE))
    (tmp_path / "README.md").write_text(
        "before\n<!-- table: results/t.json method, steps -->\nold\n<!-- end -->\nafter\n"
    )
    return tmp_path


def test_only_what_stands_between_the_marks_is_written(checkout):
    page = checkout / "README.md"
    assert update_pages([page], checkout, check=False) == [page]
    before, table, after = page.read_text().partition(as_markdown(TABLE, ["method", "steps"]))
    assert table
    assert before == "before\n<!-- table: results/t.json method, steps -->\n\n"
    assert after == "\n\n<!-- end -->\nafter\n"
    assert update_pages([page], checkout, check=True) == []


def test_a_brief_table_has_the_rows_that_are_marked(checkout):
    rows = TABLE["rows"]
    marked = {**TABLE, "rows": [{**rows[0], "brief": True}, *rows[1:]]}
    (checkout / "results" / "t.json").write_text(json.dumps(marked))
    text = updated_page("<!-- table: results/t.json brief method -->\n<!-- end -->\n", Path("page.md"), checkout)
    assert as_markdown({**TABLE, "rows": rows[:1]}, ["method"]) in text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("<!-- table: results/t.json -->\n", "line 1: this table has no end: close it with"),
        ("x\n<!-- table: results/t.json -->\n<!-- table: results/t.json -->\n<!-- end -->\n", "line 2: this table has"),
        ("<!-- table: results/none.json -->\n<!-- end -->\n", r"page.md, line 1: there is no table .*none\.json"),
        ("<!-- table: results/t.json size -->\n<!-- end -->\n", "page.md, line 1: there is no column 'size'"),
    ],
)
def test_a_page_that_asks_for_what_is_not_there_is_told_with_its_line(checkout, text, message):
    with pytest.raises(ValueError, match=message):
        updated_page(text, Path("page.md"), checkout)


def test_the_check_names_the_page_and_changes_nothing(checkout, monkeypatch, capsys):
    before = (checkout / "README.md").read_text()
    monkeypatch.setattr("sys.argv", ["update_results.py", "--check", "--root", str(checkout)])
    with pytest.raises(SystemExit) as ended:
        update_results.main()
    assert ended.value.code == 1
    assert "README.md differs from results/: run bin/update_results.py" in capsys.readouterr().out
    assert (checkout / "README.md").read_text() == before


def test_the_pages_of_this_repository_show_the_figures_that_lie_under_results():
    pages = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]
    assert update_pages(pages, ROOT, check=True) == []


def test_every_table_of_figures_stands_on_a_page():
    pages = "".join(page.read_text(encoding="utf-8") for page in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
    unused = [file.name for file in ROOT.glob("results/*.json") if f"results/{file.name}" not in pages]
    assert unused == []
