"""Progress bars: what metrics are called, and hours that are announced."""

import pytest

from latentshot.training import progress
from latentshot.training.progress import EvaluationProgress, TrainingProgress


@pytest.fixture
def clock(monkeypatch):
    """A step takes two seconds."""
    now = iter(range(0, 10_000, 2 * progress.MEASURED_STEPS))
    monkeypatch.setattr(progress.time, "monotonic", lambda: next(now))


@pytest.mark.parametrize(("total", "announced"), [(15_000, True), (1_000, False)])
def test_hours_are_announced_after_the_first_steps(clock, capsys, total, announced):
    bar = TrainingProgress(total, "meta-training", "it")
    for step in range(progress.FIRST_STEPS + progress.MEASURED_STEPS):
        assert "hours on this machine" not in capsys.readouterr().err
        bar.on_train_batch_end(step, {"loss": 1.0})
    said = capsys.readouterr().err
    assert ("meta-training: about 8.3 hours on this machine" in said) == announced


def test_a_long_evaluation_which_begins_anew_promises_no_resume(clock, capsys):
    bar = EvaluationProgress(15_000, "evaluation", "tasks")
    for step in range(progress.FIRST_STEPS + progress.MEASURED_STEPS):
        bar.on_test_batch_end(step)
    assert "evaluation: about 8.3 hours on this machine\n" in capsys.readouterr().err


def test_metrics_have_the_names_asked_for_and_the_last_validation_stays_beside_them(capsys):
    bar = TrainingProgress(4, "meta-training", "it", 0, {"accuracy": "accuracy on synthetic tasks"})
    bar.on_epoch_end(0, {"accuracy": 98.0, "val_accuracy": 39.0})
    bar.on_train_batch_end(1, {"accuracy": 98.5})
    bar.on_train_end()
    said = capsys.readouterr().err
    assert "accuracy on synthetic tasks=98.5" in said
    assert "val_accuracy=39" in said
