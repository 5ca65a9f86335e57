"""A page of sections, each of words, pictures and tables, as one self-contained HTML file."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined
from PIL import Image

from ...training.files import write_text

LARGEST = 3_000_000  # bytes of a page
ROOM = 300_000  # of these for words and numbers
REMEDY = "remove it, and the report does without"  # of a damaged file of a run


@dataclass(frozen=True)
class Picture:
    """source: of an image, as `data_uri` gives it, or an inline SVG as `charts.py` draws it.

    pixels: show them sharp.
    """

    source: str
    caption: str
    pixels: bool = False

    @property
    def is_svg(self) -> bool:
        return self.source.startswith("<svg")


@dataclass(frozen=True)
class Table:
    """rows: of cells, words, numbers or pictures, one for each of the columns. folded: shown where one asks for it."""

    columns: list[str]
    rows: list[list[Any]]
    title: str = "The figures"
    folded: bool = True


@dataclass(frozen=True)
class Section:
    title: str
    text: str = ""
    pictures: list[Picture] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    code: str = ""
    level: int = 2


def write_page(path: Path, title: str, lead: str, sections: list[Section]) -> None:
    """Writes the page, whole or not at all. Pictures that would make it too large are left out, which it says."""
    environment = Environment(
        loader=PackageLoader(__package__, ""), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    template = environment.get_template("page.html.jinja")
    page = template.render(title=title, lead=lead, sections=_fitting(sections))
    write_text(path, page.encode(errors="backslashreplace").decode())  # a folder's name may be no UTF-8


def _fitting(sections: list[Section]) -> list[Section]:
    """The sections, of which the last that have pictures lose them until all are no larger than LARGEST together."""
    kept, size = list(sections), sum(map(_size, sections))
    for place in reversed(range(len(kept))):
        section = kept[place]
        if size > LARGEST - ROOM and _size(section):
            size -= _size(section)
            kept[place] = _without_pictures(section)
    return kept


def _without_pictures(section: Section) -> Section:
    tables = [
        table for table in section.tables if not any(isinstance(cell, dict) for row in table.rows for cell in row)
    ]
    text = f"{section.text} Left out here, for the page would be too large: the pictures.".strip()
    return replace(section, text=text, pictures=[], tables=tables)


def _size(section: Section) -> int:
    """Characters of its pictures."""
    cells = [cell["image"] for table in section.tables for row in table.rows for cell in row if isinstance(cell, dict)]
    return sum(map(len, [*(picture.source for picture in section.pictures), *cells]))


def data_uri(image: np.ndarray) -> str:
    """An image, uint8 (height, width, channels), as an address that holds it: PNG for grey, JPEG for colour."""
    grey = image.shape[-1] == 1
    file = io.BytesIO()
    picture = Image.fromarray(image[..., 0] if grey else image)
    picture.save(file, "PNG", optimize=True) if grey else picture.save(file, "JPEG", quality=88)
    return _uri(file.getvalue(), "png" if grey else "jpeg")


def file_uri(path: Path) -> str:
    """A PNG file as an address that holds it."""
    return _uri(path.read_bytes(), "png")


def _uri(data: bytes, kind: str) -> str:
    return f"data:image/{kind};base64,{base64.b64encode(data).decode()}"
