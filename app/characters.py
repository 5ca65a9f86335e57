"""The page of a learner of letters: draw an example of each of five classes, then a query."""

from __future__ import annotations

from typing import Any

import gradio as gr

from ..estimators.few_shot import FewShotClassifier
from . import ink
from .answers import as_html, few_shot_answers, refusals
from .pad import pad

N_CLASSES = 5
LEAD = """# Five letters, one example each
Draw one letter in each of the small boxes, of any script or invented. Then draw one of them again in the large box."""
WAITING = "Draw an example of at least two letters, then one of them again: the answer appears here."


def characters(learner: FewShotClassifier, hand: ink.Hand) -> None:
    """Fills the page that is open. hand: of the images that the learner was trained on, of ink 1 on 0."""
    n_classes = min(N_CLASSES, learner.n_way or N_CLASSES)
    names = [str(number) for number in range(1, n_classes + 1)]

    def answer(query: Any, *drawings: Any) -> str:
        try:
            examples = {name: _images(learner, drawing, hand) for name, drawing in zip(names, drawings, strict=True)}
            queries = _images(learner, query, hand)
            examples = {name: images for name, images in examples.items() if images}
            if len(examples) < 2 or not queries:
                return f"<p>{WAITING}</p>"
            return as_html(few_shot_answers(learner, examples, queries), inverted=True)
        except (ValueError, FloatingPointError) as error:
            return refusals([f"{error}."])

    gr.Markdown(LEAD)
    with gr.Row(elem_classes="letters"):
        sheets = [pad(name, elem_id=f"example-{name}") for name in names]
    with gr.Row(elem_classes="query"):
        query = pad("Which is this?", elem_id="query")
        found = gr.HTML(f"<p>{WAITING}</p>", elem_id="answer")
    gr.on(
        [sheet.change for sheet in (query, *sheets)],
        answer,
        [query, *sheets],
        found,
        concurrency_limit=1,  # the learner holds the examples of one call
        trigger_mode="always_last",
        show_progress="hidden",
        api_visibility="private",
    )


def _images(learner: FewShotClassifier, drawing: Any, hand: ink.Hand) -> list[Any]:
    """One image, or none of an empty sheet."""
    strokes = ink.as_strokes(drawing)
    return [ink.drawn(strokes, learner.image_shape, hand)] if strokes else []
