"""What a row of results says of the run's options."""

import pytest

from latentshot.lasium.experiment.config import MetaConfig
from latentshot.lasium.experiment.defaults import resolved
from latentshot.lasium.experiment.description import options_text


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"learner": "scratch", "filters": 16, "n_query": 5}, "filters 16, n query 5"),
        ({"learner": "scratch"}, "50 steps"),
        ({"learner": "knn", "embedding": "vae", "n_query": 5}, "n query 5"),
        ({"learner": "protonets", "iterations": 0, "n_query": 5}, "n query 5"),
    ],
)
def test_the_options_of_what_is_not_trained_are_told_where_they_are_not_the_usual_ones(options, told):
    assert options_text(resolved(MetaConfig(**options))).endswith(told)
