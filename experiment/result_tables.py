"""Tables of measured figures, kept as data and shown as Markdown.

A table is a JSON file:

    {"title": "...",
     "columns": [{"key": "method", "title": "method"},
                 {"key": "accuracy", "title": "1-shot", "error": "ci95", "digits": 2, "sign": false}],
     "rows": [{"method": "...", "accuracy": 84.7, "ci95": 0.54, "command": "...", "commit": "...", "date": "..."}]}

Figures are numbers, each with its error under a key of its own; `bold` in a row lists the keys to stress. What holds
for all rows, such as command, commit, machine and date, may stand beside `rows`; a page shows the columns it names.
"""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

from tabulate import tabulate

Table = dict[str, Any]


def load_table(path: Path) -> Table:
    """The table of the file. Raises ValueError where there is none, or it is no table."""
    try:
        table = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ValueError(f"there is no table {path} ({error.strerror})") from error
    except json.JSONDecodeError as error:
        raise ValueError(f"{path} is no JSON file: {error}") from error
    if not isinstance(table, dict) or not {"columns", "rows"} <= table.keys():
        raise ValueError(f"{path} is no table: it must have `columns` and `rows`")
    return table


def as_markdown(table: Table, keys: list[str] | None = None) -> str:
    """The table in GitHub's Markdown. keys: the columns to show, in this order; all by default.

    Raises ValueError for a key that is no column's.
    """
    return _tabulated(table, keys, "github")


def as_text(table: Table) -> str:
    """The table for a terminal."""
    return _tabulated(table, None, "simple")


def _tabulated(table: Table, keys: list[str] | None, form: str) -> str:
    titles = [column["title"] for column in _columns(table, keys)]
    return tabulate(cells_of(table, keys), headers=titles, tablefmt=form, disable_numparse=True)


def cells_of(table: Table, keys: list[str] | None = None) -> list[list[str]]:
    """The figures of each row as they are shown."""
    columns = _columns(table, keys)
    return [[_cell(row, column) for column in columns] for row in table["rows"]]


def as_csv(table: Table) -> str:
    """Every field of every row, numbers as they are."""
    names = list(dict.fromkeys(name for row in table["rows"] for name in row if name != "bold"))
    text = io.StringIO()
    writer = csv.DictWriter(text, names, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(table["rows"])
    return text.getvalue()


def without_empty_columns(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The lines without the columns that are empty in all of them."""
    filled = {name for line in lines for name, value in line.items() if value not in (None, "")}
    return [{name: value for name, value in line.items() if name in filled} for line in lines]


def _columns(table: Table, keys: list[str] | None) -> list[dict[str, Any]]:
    by_key = {column["key"]: column for column in table["columns"]}
    unknown = [key for key in keys or () if key not in by_key]
    if unknown:
        raise ValueError(f"there is no column {unknown[0]!r}: choose among {', '.join(by_key)}")
    return [by_key[key] for key in keys] if keys else table["columns"]


def _cell(row: dict[str, Any], column: dict[str, Any]) -> str:
    value = row.get(column["key"])
    if value is None or value == "":
        return ""
    text = value if isinstance(value, str) else _number(value, row.get(column.get("error", "")), column)
    return f"**{text}**" if column["key"] in row.get("bold", ()) else text.replace("|", "\\|")


def _number(value: float, error: float | None, column: dict[str, Any]) -> str:
    digits = column.get("digits")
    sign = "+" if column.get("sign") else ""
    text = f"{value:{sign}}" if digits is None else f"{value:{sign}.{digits}f}"
    return text if error is None else f"{text} ± {error}" if digits is None else f"{text} ± {error:.{digits}f}"
