"""A classifier's training in a folder, begun again where another process has ended."""

import numpy as np
import pytest

from latentshot.datasets import load_dataset
from latentshot.glico.experiment.build_classifier import build_classifier
from latentshot.glico.experiment.build_sample import draw_sample
from latentshot.glico.experiment.config import GlicoConfig
from latentshot.glico.experiment.defaults import resolved


@pytest.mark.parametrize("method", ["baseline", "mixmatch"])
def test_a_training_that_was_over_is_left_as_it_ended(method, tmp_path):
    """MixMatch's ends in averages of its weights, which are not those of the last checkpoint."""
    config = resolved(GlicoConfig(compare=(method,), classifier="weak-cnn", steps=4, batch_size=8))
    sample = draw_sample(config, load_dataset("digits", split_by="image"), 1, 0)
    ended = []
    for _ in range(2):
        training = build_classifier(config, sample, method, None)
        training.model.optimizer.ema_momentum = 0.5  # that of so few steps would be next to nothing
        history = training.carry_out(tmp_path)
        ended.append((history, training.model.network.get_weights()))
    (first, weights), (second, again) = ended
    assert len(first) == 4
    assert second == first
    for ours, expected in zip(again, weights, strict=True):
        np.testing.assert_array_equal(ours, expected)
