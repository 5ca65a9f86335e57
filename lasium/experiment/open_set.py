"""What a learner's probabilities and its "none of these" are worth: half of a task's queries belong to no class.

Fitted on the validation classes, measured on those of the test.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.metrics import roc_auc_score

from ...datasets import Split
from ...datasets.progress import with_progress
from ...experiment.run_directory import Row
from ...training.files import read_json, write_json
from ..learners.calibration import Calibration, calibrate, calibration_error, for_shots, largest
from ..learners.learner import FewShotLearner
from ..tasks.open_set import open_tasks
from ..tasks.stream import TaskShape
from .yardsticks import with_interval

MOST_AT_ONCE = 8  # tasks


@dataclass(frozen=True)
class CalibrationTasks:
    """What a learner is calibrated by: so many tasks of the validation classes for each number of shots."""

    validation: Split
    shapes: tuple[TaskShape, ...]
    n_tasks: int
    seed: int

    def calibrate(self, learner: FewShotLearner, file: Path) -> None:
        """Gives the learner the calibrations of the file, or where there is none fits them and writes it."""
        if not file.exists():
            fitted = []
            for shape in self.shapes:
                what = f"{shape.k_shot}-shot calibration"
                logits, labels = answers(learner, self.validation, shape, self.n_tasks, self.seed, what)
                fitted.append(calibrate(shape.k_shot, logits.reshape(-1, logits.shape[-1]), labels.reshape(-1)))
            write_json(file, [dataclasses.asdict(each) for each in fitted])
        learner.calibrate(load_calibrations(file))


def load_calibrations(file: Path) -> list[Calibration]:
    """Those of a run's file; none where there is none. Raises ValueError for a damaged one."""
    names = {field.name for field in dataclasses.fields(Calibration)}

    def is_right(value: Any) -> bool:
        return isinstance(value, list) and all(isinstance(each, dict) and set(each) == names for each in value)

    stored = read_json(file, is_right, "remove it, and it is fitted again") if file.exists() else []
    return [Calibration(**each) for each in stored]


def answers(
    learner: FewShotLearner, split: Split, shape: TaskShape, n_tasks: int, seed: int, description: str
) -> tuple[np.ndarray, np.ndarray]:
    """Logits (n_tasks, queries, n_way) and labels (n_tasks, queries), -1 for the half of no class, on one device."""
    batch = max(size for size in range(1, MOST_AT_ONCE + 1) if n_tasks % size == 0)
    tasks = open_tasks(split, shape, batch, seed, n_tasks)
    parts = [
        (learner.logits(x).numpy(), y.numpy())
        for x, y in with_progress(tasks, f"{description} x{batch} tasks", n_tasks // batch)
    ]
    logits, labels = (np.concatenate(part) for part in zip(*parts, strict=True))
    return logits, labels


def measured(learner: FewShotLearner, split: Split, shape: TaskShape, n_tasks: int, seed: int) -> Row:
    """What a row of the results says beside the accuracy, in percent; nothing of a learner that is not calibrated.

    auroc: of the score, for telling queries of the classes from the others, the mean over tasks. open_accuracy: queries
    answered rightly, by their class or by "none of these", where the threshold lets 5 % of the validation classes'
    queries be false alarms. false_alarms: queries of the classes that were taken for none. Each with `_ci95`.
    ece_raw, ece: expected calibration error of the classes' queries before and after the temperature.
    """
    if not learner.calibrations or not n_tasks:
        return {}
    calibration = for_shots(learner.calibrations, shape.k_shot)
    logits, labels = answers(learner, split, shape, n_tasks, seed, f'{shape.k_shot}-shot "none of these"')
    return {"open_tasks": n_tasks, **open_set_measures(logits, labels, calibration)}


def open_set_measures(logits: np.ndarray, labels: np.ndarray, calibration: Calibration) -> Row:
    """The measures of logits (tasks, queries, n_way) and labels (tasks, queries), -1 for queries of no class."""
    known, scores = labels >= 0, largest(logits)
    none = scores < calibration.threshold
    right = np.where(known, ~none & (logits.argmax(axis=-1) == labels), none)
    by_task = {
        "auroc": [roc_auc_score(k, s) for k, s in zip(known, scores, strict=True)],
        "open_accuracy": right.mean(axis=1),
        "false_alarms": [n[k].mean() for k, n in zip(known, none, strict=True)],
    }
    row = {}
    for name, values in by_task.items():
        found = with_interval(100.0 * np.asarray(values))
        row[name], row[f"{name}_ci95"] = found["accuracy"], found["ci95"]
    raw = calibration_error(logits[known], labels[known])
    return {**row, "ece_raw": raw, "ece": calibration_error(logits[known], labels[known], calibration.temperature)}
