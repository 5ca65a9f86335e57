"""A learner's answers with what they rest on, and how the page shows them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from ..estimators.few_shot import FewShotClassifier
from ..experiment.report.page import data_uri

N_NEAREST = 4  # examples that are shown


@dataclass(frozen=True)
class Answer:
    """Of one query, an image (height, width, channels), uint8 as all images here.

    label: the likeliest class, or None where it is none of these. classes: each class with its probability and with an
    image of it, the likeliest first. nearest: classes and images of the nearest examples; empty where these are all
    shown as images of their classes.
    """

    query: np.ndarray
    label: str | None
    classes: Sequence[tuple[str, float, np.ndarray | None]]
    nearest: Sequence[tuple[str, np.ndarray]]


def few_shot_answers(
    learner: FewShotClassifier, examples: Mapping[str, Sequence[np.ndarray]], queries: Sequence[np.ndarray]
) -> list[Answer]:
    """The learner, adapted to the examples of each class, on the queries.

    Raises ValueError for fewer than two classes, or more than the learner tells.
    """
    names = [name for name, images in examples.items() for _ in images]
    support = np.stack([image for images in examples.values() for image in images])
    learner.fit(support, names)
    # with the examples among the queries, for MAML may normalize one query by those beside it
    every = np.concatenate([support, np.stack(queries)])
    probabilities, none = (part[len(support) :] for part in learner.answers(every))
    features = learner.embed(every)
    distances = np.linalg.norm(features[len(support) :, None] - features[: len(support)], axis=-1)  # (queries, support)
    found = []
    for query, row, is_none, far in zip(queries, probabilities, none, distances, strict=True):
        order = np.argsort(far, kind="stable")
        closest = {names[i]: support[i] for i in order[::-1]}  # of each class
        classes = [(str(learner.classes_[i]), float(row[i])) for i in np.argsort(-row, kind="stable")]
        nearest = [(names[i], support[i]) for i in order[:N_NEAREST]] if len(names) > len(examples) else []
        label = None if is_none else classes[0][0]
        found.append(Answer(query, label, [(name, p, closest[name]) for name, p in classes], nearest))
    return found


def as_html(answers: Sequence[Answer], inverted: bool, refused: Sequence[str] = ()) -> str:
    """The answers, below a sentence for each file that was refused. inverted: 1 is ink, which is shown dark."""
    return _render("answers", inverted, answers=answers, refused=refused)


def refusals(sentences: Sequence[str]) -> str:
    return as_html([], False, sentences)


def strip(images: Iterable[np.ndarray], inverted: bool = False, large: bool = False) -> str:
    """Images side by side, or one that is large."""
    return _render("strip", inverted, images=images, large=large)


def _render(template: str, inverted: bool, **given: Any) -> str:
    def picture(image: np.ndarray, alt: str) -> Markup:
        """Small images are shown in pixels."""
        kind = "pixels" if image.shape[0] < 64 else "photograph"
        shown = data_uri(255 - image if inverted else image)
        return Markup('<img class="{}" src="{}" alt="{}">').format(kind, shown, alt)

    loader = PackageLoader(__package__, ".")
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    return environment.get_template(f"{template}.html.jinja").render(picture=picture, **given)
