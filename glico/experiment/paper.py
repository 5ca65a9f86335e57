"""The figure of Azuri and Weinshall 2020 beside a result: that of the recipe whose row the run's options equal."""

from __future__ import annotations

from typing import Any

from ..recipes.registry import RECIPES
from .config import GlicoConfig
from .defaults import resolved
from .methods import parts_of, uses

# What makes a row of the tables. Budget, taps and the optimizers' settings may differ: the options of a result say so.
_CLASSIFIER = ("dataset", "split", "classifier", "pretrained")
_GLICO = (
    *("no_classifier", "no_noise", "interpolation", "transductive", "unlabelled", "classifier_space", "init", "noise"),
    "weak_classifier",
)


def paper_figure(config: GlicoConfig, samples_per_class: int, method: str) -> str:
    """Top-1 accuracy and standard error in percent, with the table; empty where the paper has no such row."""
    found = _figure(config, samples_per_class, method, _CLASSIFIER + _GLICO)
    if found or uses(method, "glico"):
        return found
    images = ("transductive", "unlabelled") if uses(method, "mixmatch") else ()
    return _figure(config, samples_per_class, method, _CLASSIFIER + images)  # GLICO's options are nothing to the others


def _figure(config: GlicoConfig, samples_per_class: int, method: str, names: tuple[str, ...]) -> str:
    for recipe in RECIPES:
        for row in recipe.rows:
            theirs = resolved(GlicoConfig(**recipe.row_options(row)))
            if parts_of(theirs.compare[0]) != parts_of(method) or _chosen(theirs, names) != _chosen(config, names):
                continue
            for column, figure in zip(recipe.columns, row.figures, strict=True):
                samples = column.where.get("samples_per_class", theirs.samples_per_class[0])
                if figure and column.measure == "top1" and samples == samples_per_class:
                    return f"{figure} ({recipe.label})"
    return ""


def _chosen(config: GlicoConfig, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(config, name) for name in names}
