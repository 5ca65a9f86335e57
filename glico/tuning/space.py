"""What the search tries: the range of every option, and the choices that it begins with."""

from __future__ import annotations

from typing import Any

from optuna.distributions import BaseDistribution, FloatDistribution, IntDistribution

from .config import TUNABLE, TuningConfig

Values = dict[str, Any]  # of the options that are tuned, by name

LEAST_TO_MOST = {"lr": (1e-3, 0.3), "weight_decay": (1e-5, 0.1), "batch_size": (8, 128)}
# What Brigato et al. 2021, https://arxiv.org/abs/2108.13122, found for few images, with far more steps than others, and
# a learning rate that falls along a cosine, which is --decay cosine.
_BRIGATO: Values = {"lr": 0.005, "weight_decay": 0.005, "batch_size": 10, "steps": float("inf")}
_DIGITS = 3  # of numbers that are no whole ones, so that people can type what was tried


class Space:
    """The options that a resolved config tunes, each in a range of its own, by its logarithm.

    steps, batch_size: of the row's classifier without a search.
    """

    def __init__(self, config: TuningConfig, steps: int, batch_size: int, n_labelled: int):
        most = min(LEAST_TO_MOST["batch_size"][1], n_labelled)
        usual = {
            **LEAST_TO_MOST,
            "batch_size": (min(LEAST_TO_MOST["batch_size"][0], most), most),
            "steps": (max(1, steps // 2), 4 * steps),
        }
        self.ranges = ranges = {name: given or usual[name] for name, given in config.ranges.items()}
        if (limits := ranges.get("batch_size")) and limits[1] > n_labelled:
            raise ValueError(f"batch_size is to be tuned up to {limits[1]}; the sample has {n_labelled} images")
        self.distributions = {name: _distribution(TUNABLE[name], *limits) for name, limits in ranges.items()}
        own = {
            "lr": config.lr or 0.1,
            "weight_decay": config.weight_decay or 0.0,
            "steps": steps,
            "batch_size": batch_size,
        }
        self.first = [{name: _within(start[name], *ranges[name]) for name in ranges} for start in (own, _BRIGATO)]

    def rounded(self, proposed: Values) -> Values:
        """As they are used and shown, in their ranges."""
        return {
            name: value if isinstance(value, int) else _within(float(f"{value:.{_DIGITS}g}"), *self.ranges[name])
            for name, value in proposed.items()
        }


def _distribution(kind: type, least: float, most: float) -> BaseDistribution:
    if kind is int:
        return IntDistribution(int(least), int(most), log=True)
    return FloatDistribution(least, most, log=True)


def _within(value: float, least: float, most: float) -> float:
    return type(least)(min(max(value, least), most))
