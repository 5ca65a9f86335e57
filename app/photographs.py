"""The page of a learner of photographs: drop images into classes, then others to be told apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gradio as gr
import numpy as np

from ..estimators.few_shot import FewShotClassifier
from . import uploads
from .answers import as_html, few_shot_answers, refusals, strip

MOST_CLASSES = 10
SHOWN = 3  # classes at first
LEAD = """# Photographs of new classes, told apart
Drop a few images into each class, and name it. Then drop others below: each answer says how sure it is."""
WAITING = "<p>With images in at least two classes, the answers appear here.</p>"

Images = list[np.ndarray]


def photographs(learner: FewShotClassifier) -> None:
    """Fills the page that is open."""
    read = uploads.photograph(learner.image_shape)
    n_classes = min(MOST_CLASSES, learner.n_way or MOST_CLASSES)

    def add(files: Sequence[str] | None, images: Images) -> tuple[Any, ...]:
        """The images of a class with those of the files, their pictures, and an empty place to drop into."""
        new, refused = uploads.accepted(files, read, uploads.MOST_FILES - len(images))
        images = [*images, *new]
        return images, refusals(refused) + strip(images), None

    def ask(files: Sequence[str] | None) -> tuple[Any, ...]:
        """New queries in place of the earlier ones, and what was refused of them."""
        return *uploads.accepted(files, read), None

    def answer(queries: Images, said: list[str], *places: Any) -> str:
        names, images = places[:n_classes], places[n_classes:]
        try:
            examples = _by_name(names, images)
            if len(examples) < 2 or not queries:
                return refusals(said) + WAITING
            return as_html(few_shot_answers(learner, examples, queries), inverted=False, refused=said)
        except (ValueError, FloatingPointError) as error:
            return refusals([*said, str(error)])

    gr.Markdown(LEAD)
    names, drops, stores, pictures, columns = [], [], [], [], []
    with gr.Row(elem_classes="examples"):
        for number in range(1, n_classes + 1):
            with gr.Column(min_width=220, visible=number <= SHOWN, elem_id=f"class-{number}") as column:
                names.append(gr.Textbox(f"class {number}", show_label=False, container=False, max_length=60))
                drops.append(_drop("Examples of it"))
                pictures.append(gr.HTML(""))
                stores.append(gr.State([]))
                clear = gr.Button("Clear", size="sm", min_width=0)
                clear.click(lambda: ([], ""), outputs=[stores[-1], pictures[-1]], api_visibility="private")
            columns.append(column)
    more = gr.Button("Another class", size="sm", visible=n_classes > SHOWN)
    n_shown = gr.State(SHOWN)
    queries, said = gr.State([]), gr.State([])
    query = _drop("Images to classify", elem_id="query")
    found = gr.HTML(WAITING, elem_id="answer")

    def show_another(n: int) -> list[Any]:
        n = min(n + 1, n_classes)
        return [n, gr.update(visible=n < n_classes), *(gr.update(visible=i < n) for i in range(n_classes))]

    more.click(show_another, n_shown, [n_shown, more, *columns], api_visibility="private")
    for drop, store, picture in zip(drops, stores, pictures, strict=True):
        drop.upload(add, [drop, store], [store, picture, drop], api_visibility="private")
    query.upload(ask, query, [queries, said, query], api_visibility="private")
    gr.on(
        [*(store.change for store in (queries, said, *stores)), *(name.change for name in names)],
        answer,
        [queries, said, *names, *stores],
        found,
        concurrency_limit=1,  # the learner holds the examples of one call
        trigger_mode="always_last",
        api_visibility="private",
    )


def _drop(label: str, **kwargs: Any) -> gr.File:
    return gr.File(label=label, file_count="multiple", file_types=["image"], height=150, **kwargs)


def _by_name(names: Sequence[str], images: Sequence[Images]) -> dict[str, Images]:
    """The images of each class that has any. Raises ValueError for two of one name."""
    filled = [(name.strip() or "unnamed", found) for name, found in zip(names, images, strict=True) if found]
    twice = {name for name, _ in filled if [other for other, _ in filled].count(name) > 1}
    if twice:
        raise ValueError(f"Two classes are called {min(twice)}: give each a name of its own.")
    return dict(filled)
