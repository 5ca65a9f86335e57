"""Logistic regression."""

from __future__ import annotations

import numpy as np
from sklearn.linear_model import LogisticRegression

MOST_STEPS = 1000  # of scikit-learn's solver; it stops when it has converged


class LinearClassifier:
    """Multinomial logistic regression with an l2 penalty. c: its inverse strength.

    Of two classes scikit-learn has the binary loss, whose c is twice the multinomial's
    (https://scikit-learn.org/stable/modules/linear_model.html#logistic-regression).
    """

    def __init__(self, c: float = 1.0):
        self.c = c

    def probabilities(self, support: np.ndarray, labels: np.ndarray, queries: np.ndarray) -> np.ndarray:
        return LogisticRegression(C=self.c, max_iter=MOST_STEPS).fit(support, labels).predict_proba(queries)
