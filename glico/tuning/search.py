"""The search: trial after trial, each of options that Optuna proposes and validation images judge.

Akiba et al.: "Optuna: a next-generation hyperparameter optimization framework", 2019, https://arxiv.org/abs/1907.10902.
Options are proposed by the tree-structured Parzen estimator (Bergstra et al. 2011), the first ten at random but for
two: what bin/train_glico.py would take without a search, and what Brigato et al. 2021 found. Once five trials have been
through all seeds, one whose best mean so far, over one seed, two and so on, lies below the median of the others' means
is given up.

A search that was stopped goes on as it would have gone: every proposal depends on the seed, the number of the trial and
the results before it alone, and a trial that was under way is repeated from its last checkpoint. So on one machine it
tries the same options and ends with the same accuracies, on a CPU with the same bits. What differs is the
times, the trials that `study.db` lists as failed, one for each stop, and what another version of Optuna would propose.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import optuna
from optuna.exceptions import StorageInternalError
from optuna.samplers import TPESampler
from optuna.trial import FrozenTrial, Trial, TrialState
from sqlalchemy import URL
from sqlalchemy.exc import SQLAlchemyError

from ...experiment.run_directory import RunDirectory
from ..experiment.build import build
from ..experiment.build_classifier import classifier_batch_size, classifier_steps
from ..experiment.defaults import resolved
from ..experiment.methods import uses
from ..experiment.run import weights_fingerprints
from .candidates import Candidates
from .config import TuningConfig
from .outcome import accuracy, words, write_outcome
from .space import LEAST_TO_MOST, Space, Values

DONE = (TrialState.COMPLETE, TrialState.PRUNED)


def search(given: TuningConfig) -> None:
    """Carries out the trials that are missing in the run directory, and after each writes what came of all.

    Raises ValueError or RuntimeError, before any long work, for what the data, the weights or the run directory do not
    allow.
    """
    config = resolved(given)
    assert config.run_dir is not None, "give it a run directory first"
    directory = RunDirectory(config.run_dir)
    directory.check(config.identity, config.resume)
    experiment = build(config, directory.path)
    sample = experiment.draw(config.samples_per_class[0], config.seed)
    plan = classifier_steps(config, sample), classifier_batch_size(config, sample), sample.n_labelled
    space = Space(config, *plan)
    with directory.only_writer():
        directory.start(config.identity, config.resume, weights_fingerprints(config))
        with stored_study(directory.path / "study.db") as study:
            candidates = Candidates(config, experiment, directory.path)
            while True:
                trials = finished(study)
                candidates.remove_checkpoints(len(trials))
                if trials:
                    write_outcome(directory.path, given, len(sample.test.labels), trials)
                if len(trials) >= config.trials:
                    break
                trial = next_trial(study, space, config.seed)
                try_out(trial, space.rounded(trial.params), study, candidates)
    print((directory.path / "trials.md").read_text(encoding="utf-8"))
    if not (directory.path / "best.json").exists():
        raise ValueError(f"no trial came through all seeds: search again in another --run-dir, {_remedy(config)}")
    print(f"everything is under {directory.path}")


def _remedy(config: TuningConfig) -> str:
    if uses(config.method, "mixmatch"):
        return f"with a --guess-weight below {config.guess_weight:g}" if config.guess_weight else "with other --steps"
    if "lr" not in config.ranges:
        return f"with an --lr below {config.lr:g}"
    least, _ = config.ranges["lr"] or LEAST_TO_MOST["lr"]
    lower = f"lr={least / 100:g}:{least:g}"
    return "by --tune " + ",".join(lower if word.partition("=")[0] == "lr" else word for word in config.tune)


@contextmanager
def stored_study(file: Path) -> Iterator[optuna.Study]:
    """The study in an SQLite file. Trials that a process was at when it ended count as failed."""
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    url = URL.create("sqlite", database=os.fspath(file.absolute()))
    storage = None
    try:
        storage = optuna.storages.RDBStorage(url.render_as_string())
        study = optuna.create_study(
            storage=storage,
            study_name="tuning",
            direction="maximize",
            pruner=optuna.pruners.MedianPruner(),
            load_if_exists=True,
        )
        for stopped in study.get_trials(states=(TrialState.RUNNING,)):
            study.tell(stopped.number, state=TrialState.FAIL)
        yield study
    except (StorageInternalError, SQLAlchemyError) as error:
        reason = str(error.__cause__ or error).splitlines()[0]
        raise ValueError(f"{file} cannot be used ({reason}): restore it, or choose another --run-dir") from error
    finally:
        if storage:
            storage.remove_session()
            storage.engine.dispose()


def finished(study: optuna.Study) -> list[FrozenTrial]:
    """The trials that count, in the order in which they were made."""
    return study.get_trials(states=DONE)


def next_trial(study: optuna.Study, space: Space, seed: int) -> Trial:
    """With options that the seed and the finished trials decide."""
    number = len(finished(study))
    of_this_trial = np.random.SeedSequence([seed, number]).generate_state(1)
    study.sampler = TPESampler(seed=int(of_this_trial[0]), multivariate=True)
    is_waiting = study.get_trials(states=(TrialState.WAITING,))  # a stop came just before it was asked for
    if number < len(space.first) and not is_waiting:
        study.enqueue_trial(space.first[number])
    return study.ask(space.distributions)


def try_out(trial: Trial, values: Values, study: optuna.Study, candidates: Candidates) -> None:
    """Scores the trial's options seed by seed, until all are through or it is seen to be hopeless."""
    number = len(finished(study))
    folder = candidates.folder(number, values)
    print(f"trial {number + 1} of {candidates.config.trials}: {words(values)}", flush=True)
    scores, ended = scores_of(trial, values, folder, candidates)
    found = {"options": values, "top1_by_seed": scores, "ended": ended, "seconds": candidates.seconds(folder)}
    for name, value in found.items():
        trial.set_user_attr(name, value)
    study.tell(trial, None if ended else float(np.mean(scores)), TrialState.PRUNED if ended else TrialState.COMPLETE)
    print(f"trial {number + 1}: {accuracy(scores)}{ended and f', {ended}'}", flush=True)


def scores_of(trial: Trial, values: Values, folder: Path, candidates: Candidates) -> tuple[list[float], str]:
    """Top-1 accuracy of the seeds that were tried, in percent, and why not all were; empty if all were."""
    scores: list[float] = []
    for seed in candidates.experiment.seeds:
        candidates.prepare(seed)
        try:
            scores.append(candidates.top1(values, seed, folder))
        except FloatingPointError:
            trial.report(0.0, len(scores))
            return scores, "diverged"
        trial.report(float(np.mean(scores)), len(scores) - 1)
        if seed != candidates.experiment.seeds[-1] and trial.should_prune():
            return scores, "pruned"
    return scores, ""
