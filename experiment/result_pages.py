"""Puts tables of measured figures into pages of the documentation, between two comments:

    <!-- table: results/omniglot.json method, 1_shot, 5_shot -->
    <!-- end -->

The names behind the file are the columns to show; without them all are shown. `brief` before them shows only the rows
that the file marks so.
"""

from __future__ import annotations

import re
from pathlib import Path

from ..training.files import write_text
from .result_tables import as_markdown, load_table

BEGIN = re.compile(r"<!-- table: (?P<file>\S+)(?P<brief> brief)?(?P<columns>[^>]*?) -->")
END = "<!-- end -->"


def updated_page(text: str, page: Path, root: Path) -> str:
    """The page's text with every table made anew from its file, which is named from the root.

    Raises ValueError, naming page and line, for a file or a column that there is not, and for a table without an end.
    """
    lines, done = text.splitlines(), []
    place = 0
    while place < len(lines):
        done.append(lines[place])
        found = BEGIN.fullmatch(lines[place].strip())
        place += 1
        if found:
            end = _end(lines, place, page)
            keys = [key.strip() for key in found["columns"].split(",") if key.strip()]
            try:
                table = load_table(root / found["file"])
                if found["brief"]:
                    table = {**table, "rows": [row for row in table["rows"] if row.get("brief")]}
                shown = as_markdown(table, keys)
            except ValueError as error:
                raise ValueError(f"{page}, line {place}: {error}") from error
            done += ["", shown, ""]
            place = end
    return "\n".join(done) + "\n"


def update_pages(pages: list[Path], root: Path, check: bool) -> list[Path]:
    """Writes the pages that differ from their data, or with check only finds them; returns these."""
    changed = []
    for page in pages:
        before = page.read_text(encoding="utf-8")
        after = updated_page(before, page, root)
        if after != before:
            changed.append(page)
            if not check:
                write_text(page, after)
    return changed


def _end(lines: list[str], start: int, page: Path) -> int:
    """The line of the end that belongs to the table that begins before `start`."""
    for place in range(start, len(lines)):
        if lines[place].strip() == END:
            return place
        if BEGIN.fullmatch(lines[place].strip()):
            break
    raise ValueError(f"{page}, line {start}: this table has no end: close it with {END}")
