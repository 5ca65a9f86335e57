"""The part of a report that compares rows on the same tasks or samples."""

from __future__ import annotations

from ..result_tables import Table as Figures, cells_of
from .page import Section, Table


def paired_section(table: Figures) -> Section:
    """Of a table as `paired_table` of tasks and that of samples make it."""
    titles = [column["title"] for column in table["columns"]]
    return Section(table["title"], table["note"], tables=[Table(titles, cells_of(table), folded=False)])
