"""PyTorch, the features of real images computed once."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..glico_problem import GlicoProblem
from ..peers import torch_glico


def build(problem: GlicoProblem, checked: bool) -> tuple[Callable[[], float], Callable[[], list[np.ndarray]]]:
    return torch_glico.build(problem, checked, cached=True)
