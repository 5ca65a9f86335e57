"""Training and scoring of what the search tries: a row's classifier with other options, on the same samples."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

from ...training.files import write_text
from ...training.stopwatch import Stopwatch
from ..experiment.build import Experiment, sample_folder
from ..experiment.build_classifier import build_classifier
from ..experiment.build_sampler import Sampler
from ..experiment.classifier_training import score
from ..experiment.methods import GENERATORS, uses
from ..experiment.new_images import trained_model
from ..experiment.sample import Sample
from .config import TuningConfig
from .space import Values


class Candidates:
    """Scores options on the validation images of every seed. Images and generative models are there once for all."""

    def __init__(self, config: TuningConfig, experiment: Experiment, run_dir: Path):
        self.config, self.experiment, self.run_dir = config, experiment, run_dir
        self._prepared: dict[int, tuple[Sample, Sampler | None]] = {}

    def folder(self, number: int, values: Values) -> Path:
        """Of a trial, the first being 0; what another choice of options has left there is removed."""
        folder, text = self._folder(number), json.dumps(values)
        record = folder / "options.json"
        if folder.exists() and not (record.exists() and record.read_text(encoding="utf-8") == text):
            shutil.rmtree(folder)
        write_text(record, text)
        return folder

    def prepare(self, seed: int) -> None:
        """Draws the seed's sample, and trains what makes new images of it, unless both are there.

        Raises FloatingPointError where that training diverges.
        """
        if seed not in self._prepared:
            sample = self.experiment.draw(self.config.samples_per_class[0], seed)
            folder = sample_folder(self.run_dir, self.config.samples_per_class[0], seed)
            sample.write_list(folder / "sample.json")
            self._prepared[seed] = sample, self._sampler(sample, folder)

    def top1(self, values: Values, seed: int, folder: Path) -> float:
        """Percent of a prepared seed's validation images that the classifier takes for what they are.

        It goes on from the folder's last checkpoint. Raises FloatingPointError where the training diverges.
        """
        sample, sampler = self._prepared[seed]
        training = build_classifier(replace(self.config, **values), sample, self.config.method, sampler)
        training.carry_out(folder / f"seed{seed}")
        return score(training.model, sample.test)[0]["top1"]

    def seconds(self, folder: Path) -> float:
        """That the trainings in a trial's folder have taken."""
        files = folder.glob(f"seed*/{self.config.method}-seconds.json")
        return round(sum(Stopwatch(file).before for file in files), 1)

    def remove_checkpoints(self, n_finished: int) -> None:
        """Of that many trials: weights of many classifiers add up."""
        for number in range(n_finished):
            for checkpoints in self._folder(number).glob("seed*/checkpoints"):
                shutil.rmtree(checkpoints)

    def _folder(self, number: int) -> Path:
        return self.run_dir / "trials" / f"{number + 1:03d}"

    def _sampler(self, sample: Sample, folder: Path) -> Sampler | None:
        name = next((name for name in GENERATORS if uses(self.config.method, name)), None)
        if name is None:
            return None
        model = trained_model(self.experiment, sample, name, folder).model
        shutil.rmtree(folder / "checkpoints", ignore_errors=True)
        return self.experiment.sampler(model, sample, self.config.method)
