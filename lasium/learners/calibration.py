"""How far a learner's probabilities can be trusted, and below which score a query belongs to no class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import logsumexp

FALSE_ALARMS = 0.05  # of the queries that belong to a class, those that may be taken for "none of these"
N_BINS = 15  # as Guo et al., section 2
LOG_TEMPERATURES = (-7.0, 7.0)  # where the best is looked for: from 1/1000 to 1000


@dataclass(frozen=True)
class Calibration:
    """Of tasks with k_shot support images a class.

    temperature: what the logits are divided by before the softmax.
    threshold: of a query's score, its largest logit; below it the answer is "none of these".
    """

    k_shot: int
    temperature: float
    threshold: float


NOT_CALIBRATED = Calibration(1, 1.0, float("-inf"))


def calibrate(k_shot: int, logits: np.ndarray, labels: np.ndarray) -> Calibration:
    """The calibration by queries of validation tasks: logits (n, n_way), labels (n,), -1 for those of no class."""
    known = labels >= 0
    threshold = float(np.quantile(largest(logits[known]), FALSE_ALARMS))
    return Calibration(k_shot, best_temperature(logits[known], labels[known]), threshold)


def best_temperature(logits: np.ndarray, labels: np.ndarray) -> float:
    """The temperature under which the labels (n,) are likeliest by logits (n, n_way).

    Guo et al.: "On calibration of modern neural networks", ICML 2017, https://arxiv.org/abs/1706.04599, section 4.2.
    """
    logits = logits.astype(np.float64)

    def cross_entropy(log_temperature: float) -> float:
        scaled = logits / np.exp(log_temperature)
        return float(np.mean(logsumexp(scaled, axis=1) - scaled[np.arange(len(labels)), labels]))

    return float(np.exp(minimize_scalar(cross_entropy, bounds=LOG_TEMPERATURES, method="bounded").x))


def calibration_error(logits: np.ndarray, labels: np.ndarray, temperature: float = 1.0) -> float:
    """Expected calibration error in percent: the mean distance of confidence and accuracy over bins of confidence.

    logits: (n, n_way). labels: (n,). Guo et al. 2017, equation 3.
    """
    scaled = logits.astype(np.float64) / temperature
    confidence = np.exp(scaled.max(axis=1) - logsumexp(scaled, axis=1))
    surplus = confidence - (logits.argmax(axis=1) == labels)
    bins = np.minimum((N_BINS * confidence).astype(int), N_BINS - 1)
    return 100.0 * float(np.abs(np.bincount(bins, surplus)).sum() / len(labels))


def largest(logits: np.ndarray) -> np.ndarray:
    """The score of a query: its largest logit, as Hendrycks et al. 2022, https://arxiv.org/abs/1911.11132, have it.

    Of ProtoNets that is how near the nearest prototype is, however many there are.
    """
    return logits.max(axis=-1)


def for_shots(calibrations: Sequence[Calibration], k_shot: float) -> Calibration:
    """The one whose number of shots is nearest, in ratio; one that changes nothing where there is none."""
    if not calibrations:
        return NOT_CALIBRATED
    return min(calibrations, key=lambda each: abs(np.log(each.k_shot / k_shot)))
