"""From a folder to the estimator that its export is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import tensorflow as tf

from ..training.checksums import check_files
from .classifier import ImageClassifier
from .few_shot import FewShotClassifier

REMEDY = (
    "export it again: remove the run's results.json and repeat its command with --resume (bin/train_glico.py trains "
    "its classifiers anew for it)"
)


def load_learner(path: str | Path, invert: bool = False, none_label: Any = None) -> FewShotClassifier | Any:
    """The exported learner of a run as an estimator with scikit-learn's habits.

    path: a run of bin/train_meta.py, which is fitted to new classes by `fit`; a run of bin/train_glico.py with one
        classifier, or the folder of one of them, which knows its classes; or the folder of an export.
    invert: take the negative of all images: for dark ink on paper, where the learner knows ink as 1 (omniglot, glyphs).
    none_label: what `predict` answers where an image belongs to no class; None: every image gets a class. For few-shot
        learners that were calibrated.
    Raises ValueError for a folder that holds no export, or several, and for a none_label that cannot be.
    """
    folder = _export_folder(Path(path))
    check_files(folder, REMEDY)
    try:
        model = tf.saved_model.load(str(folder))
    except Exception as error:  # TensorFlow raises many kinds of errors for damaged files
        reason = str(error).partition("\n")[0]
        raise ValueError(f"{folder} is damaged, for it cannot be loaded ({reason}); {REMEDY}") from error
    if hasattr(model, "classify"):
        if none_label is not None:
            raise ValueError(f"{folder} is a classifier of bin/train_glico.py, which has no none_label")
        return ImageClassifier(folder, model, invert)
    if not hasattr(model, "adapt_and_predict"):
        raise ValueError(f"{folder} is no learner of this library: it has neither adapt_and_predict nor classify")
    if not hasattr(model, "answer"):
        raise ValueError(f"{folder} was exported by an earlier version, without `adapt` and `predict`: train it again")
    return FewShotClassifier(folder, model, invert, none_label)


def _export_folder(path: Path) -> Path:
    folder = path / "export" if (path / "export").is_dir() else path
    if (folder / "saved_model.pb").is_file():
        return folder
    found = sorted(file.parent for file in folder.rglob("saved_model.pb"))
    if len(found) > 1:
        raise ValueError(f"{path} has several classifiers: name one of {', '.join(map(str, found))}")
    if not found and (path / "embedding.keras").is_file():
        raise ValueError(
            f"{path} is a run of a classifier on an embedding, which has no export: docs/python.md says how to use it; "
            "runs of --learner protonets and maml have one"
        )
    if not found:
        raise ValueError(f"{folder} is no exported learner: name a run of bin/train_meta.py that has finished")
    return found[0]
