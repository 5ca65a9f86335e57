"""What only pictures tell of a learner: the tasks it does worst at, its surest errors, accuracy by class."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from scipy.special import softmax

from ...datasets.progress import with_progress
from ...experiment.report.page import data_uri
from ...training.files import write_json
from ..learners.calibration import for_shots
from ..learners.learner import FewShotLearner
from ..learners.on_embedding import OnEmbedding
from ..tasks.encoding import EncodedSource, Latents
from ..tasks.labelled import labelled_source
from ..tasks.stream import TaskSource, as_tasks, task_seeds
from .evaluation import Evaluation

N_TASKS = 100
N_WORST = 3  # tasks
N_WRONG = 12  # queries of each of these tasks, and of all


def save_findings(
    file: Path, learner: FewShotLearner, evaluation: Evaluation, inverted: bool, latents: Latents | None = None
) -> None:
    """Looks at the first tasks of an evaluation, one at a time and on one device, and writes what it found as JSON.

    inverted: 1 is ink, which pictures show dark. latents: of a classifier's embedding, which then sees each image once.
    """
    write_json(file, _Findings(learner, evaluation, inverted, latents).all())


class _Findings:
    def __init__(self, learner: FewShotLearner, evaluation: Evaluation, inverted: bool, latents: Latents | None):
        self.split, self.shape, self.inverted = evaluation.split, evaluation.shape, inverted
        n_tasks = min(N_TASKS, evaluation.n_tasks)
        source: TaskSource = labelled_source(self.split, self.shape)
        if latents and isinstance(learner, OnEmbedding):
            features = latents.of(self.split.images)
            source, learner = EncodedSource(source, features), learner.on_features(features.shape[-1])
        images, logits = [], []
        for task in with_progress(range(n_tasks), "looking at tasks", n_tasks):
            plan = source.plan(self.shape, task_seeds(evaluation.seed, task)[0])[None]  # (1, n_way, k_shot + n_query)
            images.append(plan[0].numpy())
            logits.append(learner.logits(as_tasks(source.render(plan), self.shape.k_shot)[0])[0].numpy())
        self.images = np.stack(images)  # indices (tasks, n_way, k_shot + n_query)
        temperature = for_shots(learner.calibrations, self.shape.k_shot).temperature
        self.probabilities = softmax(np.stack(logits) / temperature, axis=-1)  # (tasks, n_way n_query, n_way)
        self.taken = self.probabilities.argmax(axis=-1)  # (tasks, n_way n_query)
        self.right = self.taken == np.arange(self.shape.n_way).repeat(self.shape.n_query)

    def all(self) -> dict[str, Any]:
        """`tasks`, the worst first, `wrong`, the surest first, and `classes`, the worst first."""
        accuracy = self.right.mean(axis=1)
        worst = np.argsort(accuracy, kind="stable")[:N_WORST]
        surest = np.argsort(np.where(self.right, 0.0, -self.probabilities.max(axis=-1)), axis=None, kind="stable")
        tasks, queries = np.unravel_index(surest[: min(N_WRONG, (~self.right).sum())], self.right.shape)
        return {
            "n_tasks": len(self.right),
            "k_shot": self.shape.k_shot,
            "tasks": [self._task(int(task), float(100 * accuracy[task])) for task in worst],
            "wrong": [self._query(int(task), int(query)) for task, query in zip(tasks, queries, strict=True)],
            "classes": self._classes(),
        }

    def _task(self, task: int, accuracy: float) -> dict[str, Any]:
        wrong = np.flatnonzero(~self.right[task])[:N_WRONG]
        classes = [{"name": self._name(task, n), "image": self._support(task, n)} for n in range(self.shape.n_way)]
        return {"accuracy": accuracy, "classes": classes, "wrong": [self._query(task, int(query)) for query in wrong]}

    def _query(self, task: int, query: int) -> dict[str, Any]:
        """A query with what it is, what it was taken for, an example of either, and how sure the learner was."""
        own, place = divmod(query, self.shape.n_query)
        taken = int(self.taken[task, query])
        return {
            "image": self._uri(self.images[task, own, self.shape.k_shot + place]),
            "name": self._name(task, own),
            "example": self._support(task, own),
            "taken": self._name(task, taken),
            "taken_example": self._support(task, taken),
            "probability": float(self.probabilities[task, query, taken]),
        }

    def _classes(self) -> list[dict[str, Any]]:
        """Accuracy by class, the worst first; nothing of tasks whose classes have no names of their own."""
        if not hasattr(self.split, "labels"):
            return []
        labels = self.split.labels[self.images[:, :, 0]].repeat(self.shape.n_query, axis=1)  # (tasks, queries)
        n_queries = np.bincount(labels.ravel(), minlength=len(self.split.class_names))
        n_right = np.bincount(labels.ravel(), self.right.ravel(), minlength=len(self.split.class_names))
        seen = np.flatnonzero(n_queries)
        order = seen[np.argsort(n_right[seen] / n_queries[seen], kind="stable")]
        return [
            {
                "name": self.split.class_names[n],
                "accuracy": 100.0 * n_right[n] / n_queries[n],
                "queries": int(n_queries[n]),
            }
            for n in order
        ]

    def _name(self, task: int, number: int) -> str:
        if not hasattr(self.split, "labels"):
            return f"class {number}"
        return self.split.class_names[self.split.labels[self.images[task, number, 0]]]

    def _support(self, task: int, number: int) -> str:
        return self._uri(self.images[task, number, 0])

    def _uri(self, index: int) -> str:
        image = np.asarray(self.split.images[int(index)])
        return data_uri(255 - image if self.inverted else image)
