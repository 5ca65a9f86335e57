"""The page of a run of GLICO: new images between two of a class, and the class of an image that is dropped."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gradio as gr
import numpy as np
import tensorflow as tf

from ..estimators.classifier import ImageClassifier
from . import uploads
from .answers import Answer, as_html, refusals, strip

LEAD = """# New images of a class, and the class of new images
The generator learned a code for each labelled image. Between the codes of two of them lie new images of their class;
the first and the last of the row are the two, as the generator makes them."""
N_STEPS = 7  # images from one to the other, the ends among them


def glico(learner: ImageClassifier, read: uploads.Read, inverted: bool) -> None:
    """Fills the page that is open. inverted: 1 is ink, which is shown dark."""
    names = [str(name) for name in learner.classes_]
    gr.Markdown(LEAD)
    if hasattr(learner.model, "members"):
        _generator(learner, names, inverted)
    elif hasattr(learner.model, "between"):
        gr.Markdown("*This export is of an earlier version: repeat its run to see its generator.*")
    elif hasattr(learner.model, "sample"):
        gr.Markdown("*Its generator makes images of a class from random numbers, with nothing to go between.*")
    else:
        gr.Markdown(
            "*This classifier was trained without a generator: the folder of one with `glico` in its name has one.*"
        )
    _classifier(learner, names, read, inverted)


def _generator(learner: ImageClassifier, names: list[str], inverted: bool) -> None:
    members = [learner.model.members(tf.constant(label)).numpy() for label in range(len(names))]
    noise = tf.zeros((1, learner.model.between.concrete_functions[0].structured_input_signature[0][3].shape[1]))

    def images(pair: Sequence[int], shares: Sequence[float]) -> np.ndarray:
        """uint8 (len(shares), height, width, channels)."""
        first, second = (tf.repeat(tf.constant([place], tf.int32), len(shares)) for place in pair)
        made = learner.model.between(
            first, second, tf.constant(shares, tf.float32), tf.repeat(noise, len(shares), axis=0)
        )
        return np.round(255 * made.numpy()).astype(np.uint8)

    def another(name: str, draw: int) -> tuple[Any, ...]:
        """Two images of the class, the same for a draw; one twice where it has no other."""
        places = np.random.default_rng(draw).permutation(members[names.index(name)])
        pair = [int(places[0]), int(places[-1])]
        return pair, draw + 1, *show(pair, 0.5)

    def show(pair: Sequence[int], share: float) -> tuple[str, str]:
        ends_and_between = images(pair, np.linspace(0, 1, N_STEPS).tolist())
        return strip(images(pair, [share]), inverted, large=True), strip(ends_and_between, inverted)

    first = another(names[0], 0)
    pair, draw = gr.State(first[0]), gr.State(1)
    with gr.Row(elem_classes="query"):
        with gr.Column():
            name = gr.Dropdown(names, value=names[0], label="Class")
            share = gr.Slider(0, 1, 0.5, step=0.01, label="From the one to the other", elem_id="share", buttons=[])
            pick = gr.Button("Between two others", size="md")
        made = gr.HTML(first[2], elem_id="made")
    steps = gr.HTML(first[3], elem_id="steps")
    quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
    share.input(lambda p, s: show(p, s)[0], [pair, share], made, trigger_mode="always_last", **quiet)
    for event in (name.input, pick.click):
        event(another, [name, draw], [pair, draw, made, steps], **quiet).then(lambda: 0.5, outputs=share, **quiet)


def _classifier(learner: ImageClassifier, names: list[str], read: uploads.Read, inverted: bool) -> None:
    def classify(files: Sequence[str] | None) -> tuple[str, None]:
        found, refused = uploads.accepted(files, read)
        if not found:
            return refusals(refused), None
        answers = []
        for image, row in zip(found, learner.predict_proba(np.stack(found)), strict=True):
            order = np.argsort(-row, kind="stable")[:5]
            classes = [(names[i], float(row[i]), None) for i in order]
            answers.append(Answer(image, classes[0][0], classes, []))
        return as_html(answers, inverted, refused), None

    drop = gr.File(label="Images to classify", file_count="multiple", file_types=["image"], height=150, elem_id="query")
    found = gr.HTML("", elem_id="answer")
    drop.upload(classify, drop, [found, drop], api_visibility="private")
