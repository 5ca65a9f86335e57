"""The learner of a finished run."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from ...experiment.run_directory import RunDirectory
from ...training.checksums import check_files
from ...training.precision import set_precision
from ..learners.learner import FewShotLearner
from ..learners.protonets import ProtoNets
from .build_learner import build_classifier, build_learner
from .embedding import load_centres, run_encoder
from .feature_layers import feature_layers, with_layers
from .open_set import load_calibrations
from .read_config import read_config


def load_learner(run_dir: Path, image_shape: tuple[int, int, int]) -> FewShotLearner:
    """The trained learner of a finished run. Raises ValueError where the run has not finished."""
    directory = RunDirectory(run_dir)
    if not directory.finished_results():
        raise ValueError(f"{run_dir} holds no learner: it is of bin/draw_tasks.py, or its results were lost")
    remedy = (
        "remove it and results.json, and repeat the run's command with --resume to write them again (and "
        "bin/evaluate.py for rows that it had added); if another version of latentshot wrote it, train anew"
    )
    check_files(run_dir, remedy)
    config = read_config(run_dir)
    set_precision(config.precision)
    if config.is_classifier:
        return build_classifier(config, run_encoder(config, run_dir, image_shape), load_centres(run_dir))
    learner = build_learner(dataclasses.replace(config, weights=None), image_shape)  # the run's own are read next
    if isinstance(learner, ProtoNets):
        layers = feature_layers(config.discriminants, config.neighbours)
        learner = learner.with_network(with_layers(learner.network, layers))
    try:
        learner.network.load_weights(directory.learner_file)
    except Exception as error:  # h5py and Keras raise many kinds for a damaged file
        raise ValueError(f"{directory.learner_file} cannot be read ({error}): {remedy}") from error
    learner.calibrate(load_calibrations(directory.calibration_file))
    return learner
