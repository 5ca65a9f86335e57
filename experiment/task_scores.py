"""What a run keeps of every test task, so that two runs can be compared task by task: `task-scores.json`."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..training.files import read_json, write_text

Row = dict[str, Any]

# What a row of results.json is known by: a later row of the same takes its place.
IDENTITY = ("dataset", "source", "split", "n_way", "k_shot", "n_query", "n_tasks")
# What decides the tasks. `images` is the fingerprint of the split, whatever it is called and wherever it lies.
SAME_TASKS = ("images", "n_way", "k_shot", "n_query", "n_tasks", "seed")

REMEDY = "remove it; bin/evaluate.py measures again what it held"


@dataclass(frozen=True)
class TaskScores:
    """tasks: IDENTITY and SAME_TASKS with their values. n_queries: of each task. right: of these, task by task."""

    tasks: Row
    n_queries: int
    right: list[int]

    @property
    def accuracies(self) -> np.ndarray:
        """Of each task in percent, (n_tasks,)."""
        return 100.0 * np.asarray(self.right) / self.n_queries


def load_scores(file: Path) -> list[TaskScores]:
    """Those of a run's file; none where there is none. Raises ValueError for a damaged one."""
    stored = read_json(file, _are_scores, REMEDY) if file.exists() else []
    return [TaskScores(**each) for each in stored]


def keep_scores(file: Path, scores: TaskScores) -> None:
    """Adds them to the file, in place of those of the same row."""
    others = [each for each in load_scores(file) if not _of_row(each, scores.tasks)]
    lines = ",\n".join(json.dumps(asdict(each)) for each in [*others, scores])
    write_text(file, f"[{lines}]\n")


def scores_of(row: Row, scores: list[TaskScores], file: Path) -> TaskScores | None:
    """Those of a row of results; None where they were not kept. Raises ValueError where they contradict the row."""
    found = next((each for each in scores if _of_row(each, row)), None)
    if found and abs(found.accuracies.mean() - row["accuracy"]) > 1e-3:
        raise ValueError(f"{file} is damaged, for its mean is not the accuracy in results.json: {REMEDY}")
    return found


def _of_row(scores: TaskScores, row: Row) -> bool:
    return all(scores.tasks[name] == row.get(name) for name in IDENTITY)


def _are_scores(value: Any) -> bool:
    return isinstance(value, list) and all(map(_is_score, value))


def _is_score(value: Any) -> bool:
    if not (isinstance(value, dict) and value.keys() == {"tasks", "n_queries", "right"}):
        return False
    tasks, n_queries, right = (value[name] for name in ("tasks", "n_queries", "right"))
    return (
        isinstance(tasks, dict)
        and tasks.keys() >= {*IDENTITY, *SAME_TASKS}
        and isinstance(n_queries, int)
        and isinstance(right, list)
        and len(right) == tasks["n_tasks"] > 0
        and all(isinstance(each, int) and 0 <= each <= n_queries for each in right)
    )
