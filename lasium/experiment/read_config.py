"""The configuration of a run, from its folder. Imports no TensorFlow."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ...experiment.run_directory import RunDirectory
from .config import MetaConfig


def read_config(run_dir: Path) -> MetaConfig:
    """The configuration of a run, as it was resolved. Raises ValueError where the folder holds none."""
    stored: dict[str, Any] = RunDirectory(run_dir).of_one_run()
    if "learner" not in stored:
        command = "train_glico" if "compare" in stored else "train_generator"
        raise ValueError(f"{run_dir} is a run of bin/{command}.py: there is no few-shot learner in it")
    for name in ("run_dir", "data_dir"):
        stored[name] = Path(stored[name]) if stored[name] else None
    for name in ("k_shot", "output_range"):
        stored[name] = tuple(stored[name]) if stored.get(name) else None
    try:
        return MetaConfig(**stored)
    except TypeError as error:
        raise ValueError(f"{run_dir} was written by another version of latentshot ({error})") from error
