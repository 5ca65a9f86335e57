"""Options that are given for all rows of a recipe: which of them a row takes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..training.files import read_json
from .recipe import Options

_OF_PARTS = {"guess_weight": "mixmatch", "confidence": "pseudo-labels"}  # for GLICO's rows with that part in their name

PRETRAINED = ("resnet-50", "vgg-19")  # classifiers that have ImageNet's weights


def fitting(overrides: Options, options: Options) -> Options:
    """The overrides for a row of these options.

    Weights are for the rows that have some, a copy of a module, as generator=progan:FOLDER, for those of that module,
    what belongs to MixMatch or to pseudo-labels for theirs, and of the searches in `tuned` a row takes its own and the
    baseline's. A row whose network starts from ImageNet's weights starts from nothing where it gets one that has none.
    Raises ValueError for a file of `tuned` that is none of bin/tune.py's.
    """
    if "compare" in overrides:
        options = {**options, "compare": tuple(overrides["compare"].split(","))}
    found = {name: value for name, value in overrides.items() if _concerns(name, overrides, options)}
    if "tuned" in found:
        methods = [frozenset(row.split("+")) for row in (*options["compare"], "baseline")]
        files = [file for file in found.pop("tuned").split(",") if _row_of(file) in methods]
        found |= {"tuned": ",".join(files)} if files else {}
    other_images = overrides.get("dataset", options.get("dataset")) != options.get("dataset")
    if options.get("pretrained") and "pretrained" not in found and (other_images or "classifier" in overrides):
        found |= {"pretrained": overrides.get("classifier") in PRETRAINED}
    return found


def _concerns(name: str, overrides: Options, options: Options) -> bool:
    kind, colon, _ = str(overrides[name]).partition(":")
    if name == "generator" and colon and kind != "hub":
        return options.get(name) == kind
    if name in _OF_PARTS:
        return any(_OF_PARTS[name] in row.split("+") for row in options["compare"])
    own_network = "network" in overrides or ("embedding" in overrides and "embedding" in options)
    return name != "weights" or name in options or own_network


def _row_of(file: str) -> frozenset[str]:
    """The parts of the row that a search was for."""

    def has_row(value: Any) -> bool:
        return isinstance(value, dict) and isinstance(value.get("row"), str)

    return frozenset(read_json(Path(file), has_row, "give best.json files of bin/tune.py")["row"].split("+"))
