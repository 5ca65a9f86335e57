"""Pictures of one pixel in place of figures, whose drawing takes a large part of a tiny run's time."""

import io
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

from matplotlib.figure import Figure
from PIL import Image

SVG = '<svg width="1" height="1"></svg>'


def _one_pixel():
    file = io.BytesIO()
    Image.new("L", (1, 1)).save(file, "PNG")
    return file.getvalue()


def _save_one_pixel(figure, file, format="png", **_):
    if format == "svg":
        file.write(SVG)
    else:
        Path(file).write_bytes(_one_pixel())


@contextmanager
def nothing_drawn():
    with patch.object(Figure, "savefig", _save_one_pixel):
        yield
