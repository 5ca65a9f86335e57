"""How well a learner of letters tells apart what is drawn by mouse, prepared as the page of bin/app.py does.

python -m latentshot.benchmarks.drawings runs/demo/lasium
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import tyro
from tabulate import tabulate

from ..app import ink
from ..app.answers import few_shot_answers
from ..estimators.few_shot import FewShotClassifier
from ..estimators.images import ImageShape
from ..estimators.load import load_learner
from ..experiment.command_line import errors_as_messages, parse
from ..experiment.run_directory import RunDirectory
from ..training.files import write_json
from .mouse_letters import LATIN, NEW, draw

N_WAY, N_QUERY, N_TASKS, N_DRAWINGS = 5, 5, 300, 20
SHEET = 1000  # the side of what is drawn on
PAGE_PEN = 0.035  # of that, as in app/pad.js
LETTERS = {"Greek and Hebrew, never trained on": NEW, "Latin capitals, known from fonts": LATIN}


@dataclass(frozen=True)
class Options:
    run: Annotated[Path, tyro.conf.Positional]
    """A run of bin/train_meta.py on letters."""
    json_file: Path | None = None
    """Where to write the figures."""


def main() -> None:
    with errors_as_messages():
        options = parse(Options, __doc__)
        directory = RunDirectory(options.run)
        hand = ink.HANDS.get(directory.config()["dataset"], ink.ANY_HAND)
        learner = load_learner(options.run)
        assert isinstance(learner, FewShotClassifier)
        shape = learner.image_shape
        ways: dict[str, Callable[[Any], np.ndarray]] = {
            "centred and scaled": lambda drawing: ink.drawn(ink.as_strokes(drawing), shape, hand),
            "the sheet as it is": lambda drawing: sheet(ink.as_strokes(drawing), shape),
        }
        rows = [
            {"drawings": name, "preparation": way, **accuracy(learner, list(letters), prepare)}
            for name, letters in LETTERS.items()
            for way, prepare in ways.items()
        ]
        of_tests = [row for row in directory.finished_results() if row["k_shot"] == 1 and "source" in row]
        rows += [
            {"drawings": f"{row['dataset']}' test tasks", "accuracy": row["accuracy"], "ci95": row["ci95"]}
            for row in of_tests[:1]
        ]
        print(tabulate(rows, headers="keys", floatfmt=".2f"))
        if options.json_file:
            write_json(options.json_file, rows)


def accuracy(learner: FewShotClassifier, letters: list[str], prepare: Callable[[Any], np.ndarray]) -> dict[str, float]:
    """In percent: the likeliest class being right, with its 95 % interval over tasks; queries taken for none."""
    images = {letter: [prepare(draw(letter, seed)) for seed in range(N_DRAWINGS)] for letter in letters}
    right, none = [], []
    for task in range(N_TASKS):
        rng = np.random.default_rng(task)
        classes = [str(letter) for letter in rng.choice(letters, N_WAY, replace=False)]
        chosen = {letter: rng.choice(N_DRAWINGS, 1 + N_QUERY, replace=False) for letter in classes}
        examples = {letter: [images[letter][chosen[letter][0]]] for letter in classes}
        queries = [images[letter][i] for letter in classes for i in chosen[letter][1:]]
        answers = few_shot_answers(learner, examples, queries)
        truth = np.repeat(classes, N_QUERY)
        right.append(np.mean([answer.classes[0][0] == true for answer, true in zip(answers, truth, strict=True)]))
        none.append(np.mean([answer.label is None for answer in answers]))
    error = 1.96 * np.std(right, ddof=1) / np.sqrt(N_TASKS)
    return {"accuracy": 100 * np.mean(right), "ci95": 100 * error, "none_of_these": 100 * np.mean(none)}


def sheet(strokes: ink.Strokes, shape: ImageShape) -> np.ndarray:
    """The whole sheet made small, by the page's own pen: what centring and scaling are compared with."""
    side = min(shape[:2])
    return ink.rendered([side * stroke / SHEET for stroke in strokes], shape, PAGE_PEN * side)


if __name__ == "__main__":
    main()
