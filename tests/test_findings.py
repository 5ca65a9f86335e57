"""What findings.json says of a learner whose answers are known, as by a count by hand."""

import base64
import io
import json
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from latentshot.datasets import Split
from latentshot.lasium.experiment.evaluation import Evaluation
from latentshot.lasium.experiment.findings import save_findings
from latentshot.lasium.learners.calibration import Calibration
from latentshot.lasium.tasks.stream import TaskShape

NAMES = ("ant", "bee", "cat", "dog")  # of five images each, and every image is of its number
SPLIT = Split(
    np.arange(20, dtype=np.uint8)[:, None, None, None].repeat(2, 1).repeat(2, 2),
    np.arange(20, dtype=np.int32) // 5,
    NAMES,
)
SHAPE = TaskShape(2, 2, 2)
# of three tasks: that a query is of the first of the two classes, as it is of the first two queries
FIRST = np.array([[0.9, 0.6, 0.2, 0.7], [0.8, 0.9, 0.1, 0.3], [0.2, 0.05, 0.4, 0.55]])
WRONG = {0: [3], 1: [], 2: [0, 1, 3]}


class Answers:
    """A learner that answers as FIRST says, once its temperature is undone, and keeps what it was shown."""

    calibrations = (Calibration(2, 2.0, 0.0),)

    def __init__(self):
        self.support, self.queries = [], []

    def logits(self, tasks):
        first = FIRST[len(self.support)]
        self.support.append(numbers(tasks["support_images"]))
        self.queries.append(numbers(tasks["query_images"]))
        return tf.constant(2.0 * np.log(np.stack([first, 1 - first], axis=-1)))[None]

    def query(self, task, query):
        """What is to be told of it, in numbers of images where the file has pictures."""
        own = query // 2
        examples = self.support[task][::2]
        return {
            "image": self.queries[task][query],
            "name": NAMES[examples[own] // 5],
            "example": examples[own],
            "taken": NAMES[examples[1 - own] // 5],
            "taken_example": examples[1 - own],
            "probability": pytest.approx(max(FIRST[task, query], 1 - FIRST[task, query])),
        }


def numbers(images):
    return np.round(255 * images[0, :, 0, 0, 0].numpy()).astype(int).tolist()


def number_in(uri):
    return int(np.asarray(Image.open(io.BytesIO(base64.b64decode(uri.partition(",")[2]))))[0, 0])


def in_numbers(value):
    """The pictures of a JSON value by what they show."""
    if isinstance(value, dict):
        return {key: in_numbers(each) for key, each in value.items()}
    if isinstance(value, list):
        return [in_numbers(each) for each in value]
    return number_in(value) if isinstance(value, str) and value.startswith("data:") else value


def findings(tmp_path, inverted=False):
    learner: Any = Answers()
    save_findings(tmp_path / "findings.json", learner, Evaluation(SPLIT, SHAPE, 3, 0, {}, {}), inverted)
    return learner, in_numbers(json.loads((tmp_path / "findings.json").read_text()))


def test_wrong_answers_come_the_surest_first(tmp_path):
    learner, found = findings(tmp_path)
    assert (found["n_tasks"], found["k_shot"]) == (3, 2)
    assert found["wrong"] == [learner.query(*place) for place in ((2, 1), (2, 0), (0, 3), (2, 3))]


def test_tasks_come_the_worst_first_with_an_example_of_each_class(tmp_path):
    learner, found = findings(tmp_path)
    assert [task["accuracy"] for task in found["tasks"]] == [25, 75, 100]
    for task, shown in zip((2, 0, 1), found["tasks"], strict=True):
        assert shown["classes"] == [{"name": NAMES[i // 5], "image": i} for i in learner.support[task][::2]]
        assert shown["wrong"] == [learner.query(task, query) for query in WRONG[task]]


def test_classes_come_the_worst_first(tmp_path):
    learner, found = findings(tmp_path)
    right: dict[int, list[bool]] = {}
    for task, queries in enumerate(learner.queries):
        for place, image in enumerate(queries):
            right.setdefault(image // 5, []).append(place not in WRONG[task])
    expected = sorted((100 * np.mean(answers), label, len(answers)) for label, answers in right.items())
    assert len({accuracy for accuracy, _, _ in expected}) > 1
    assert found["classes"] == [
        {"name": NAMES[label], "accuracy": accuracy, "queries": n} for accuracy, label, n in expected
    ]


def test_ink_is_shown_dark(tmp_path):
    learner, found = findings(tmp_path, inverted=True)
    assert found["wrong"][0]["image"] == 255 - learner.queries[2][1]
    assert found["tasks"][0]["classes"][0]["image"] == 255 - learner.support[2][0]
