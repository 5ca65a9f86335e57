#!/usr/bin/env python3
"""Evaluates a finished run of bin/train_meta.py again: on other shots, more tasks, another split or dataset.

bin/evaluate.py runs/omniglot-maml-vae-ro-seed0 --k-shot 1,5,10 --n-query 10
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from latentshot.experiment.checks import at_least, whole_numbers
from latentshot.experiment.command_line import Positional, WholeNumbers, errors_as_messages, parse
from latentshot.experiment.run_directory import RunDirectory
from latentshot.lasium.experiment.config import suited_kernels
from latentshot.training.cpu_kernels import choose_cpu_kernels
from latentshot.training.quiet_start import start_tensorflow_quietly


@dataclass(frozen=True)
class EvaluateConfig:
    run_dir: Annotated[Path, Positional]
    """The run: its rows in results.json are joined by the new ones."""
    k_shot: WholeNumbers | None = None
    """Support images a class, one or more: 1,5; default: the run's."""
    n_query: int | None = None
    """Query images a class; default: the run's."""
    n_tasks: int | None = None
    """Tasks of an evaluation; default: the run's."""
    dataset: str | None = None
    """A dataset with images of the same size; default: the run's."""
    data_dir: Path | None = None
    """Folder of the copies prepared by TensorFlow Datasets; default: the run's, for another dataset TFDS_DATA_DIR, or
    its own."""
    split: Literal["test", "validation", "train"] = "test"
    """Classes to evaluate on. Those of validation have no AUROC and no calibration error of
    the run's own dataset, for temperature and threshold were fitted on them."""

    def __post_init__(self) -> None:
        at_least(self, 1, "n_query")
        at_least(self, 2, "n_tasks")  # one task has no interval
        whole_numbers(self, "k_shot")


def main() -> None:
    with errors_as_messages():
        options = parse(EvaluateConfig, __doc__)
        stored = RunDirectory(options.run_dir).config()
        choose_cpu_kernels(**suited_kernels(stored.get("learner"), stored.get("downsampling")))
        start_tensorflow_quietly()
        from latentshot.lasium.experiment.evaluate_run import evaluate_run

        evaluate_run(**vars(options))


if __name__ == "__main__":
    main()
