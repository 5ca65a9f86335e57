#!/usr/bin/env python3
"""Classifies a folder of images with a learner that bin/train_meta.py exported, from a few examples of each class.

bin/predict.py runs/my-photos-protonets-augmented-seed0 --support DIR_WITH_CLASS_FOLDERS --query DIR
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from latentshot.experiment.command_line import Positional, errors_as_messages, parse
from latentshot.training.quiet_start import start_tensorflow_quietly


@dataclass(frozen=True)
class PredictConfig:
    export: Annotated[Path, Positional]
    """The run, or its folder export."""
    support: Path
    """Folder with a folder for each class, in which its examples lie."""
    query: Path
    """Folder of the images to classify, at any depth. Those in folders of the classes' names are scored too."""
    out: Path = Path("predictions")
    """Folder of the table as predictions.csv and the picture predictions.png; of scored ones also confusion.csv,
    confusion.png and errors.csv."""
    invert: bool = False
    """Take the negative of the images: for dark ink on paper, where the learner knows ink as 1 (omniglot, glyphs)."""


def main() -> None:
    with errors_as_messages():
        options = parse(PredictConfig, __doc__)
        start_tensorflow_quietly()
        from latentshot.lasium.experiment.predict import predict_folder

        predict_folder(**vars(options))


if __name__ == "__main__":
    main()
