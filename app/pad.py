"""A sheet to draw on with a mouse or a finger, as a component of the page.

Gradio's own is a picture editor: it sends pixels, where strokes can be drawn anew by the pen of the training images.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr

TEMPLATE = """
<div class="sheet">
  <div class="head"><span>${label}</span><button type="button">Clear</button></div>
  <canvas width="400" height="400" aria-label="Draw here: ${label}"></canvas>
</div>
"""


def pad(label: str, **kwargs: Any) -> gr.HTML:
    """The value is what was drawn: a list of strokes, each of points [x, y] from 0 to 1000, for `ink.as_strokes`."""
    script = Path(__file__).with_name("pad.js").read_text(encoding="utf-8")
    return gr.HTML(None, label=label, html_template=TEMPLATE, js_on_load=script, apply_default_css=False, **kwargs)
