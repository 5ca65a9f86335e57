"""What searches found for single rows and sizes of sample, in place of the options that a run has for all of them."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any

from ...datasets.registry import short_name
from ...training.files import read_json
from .config import GlicoConfig, as_text
from .defaults import resolved
from .methods import parts_of, uses
from .stored_options import checked_options

NAMES = ("lr", "weight_decay", "steps", "batch_size")  # what bin/tune.py can tune
# without which they mean something else
_ALIKE = (
    *("dataset", "image_size", "channels", "no_mirror", "classifier", "pretrained"),
    *("momentum", "decay", "drops", "drop_factor"),
)
# what else says of an option how much it is, where the search was not told
_BESIDE = {"steps": ("epochs", "budget", "epoch_images")}
_REMEDY = "give best.json files of bin/tune.py"

Tuned = dict[tuple[frozenset[str], int], dict[str, Any]]  # by the parts of a row's name and labelled images of a class


def load_tuned(config: GlicoConfig) -> Tuned:
    """The options in the files that a resolved config names.

    Raises ValueError for a file that is none of bin/tune.py's, for one whose search had another dataset, network or
    schedule than the run has, for one of a row or size that the run does not have, and for two of the same.
    """
    found: Tuned = {}
    for file in map(Path, config.tuned or ()):
        stored = read_json(file, lambda value: isinstance(value, dict) and isinstance(value.get("row"), str), _REMEDY)
        options = checked_options(stored, file, _REMEDY)
        try:
            searched = resolved(GlicoConfig(**{**options, "compare": (stored["row"],)}))
        except ValueError as error:
            raise ValueError(f"{file}: {error}") from error
        for name in (*_ALIKE, *_of_schedule(config, options, stored["row"])):
            theirs, ours = _alike(searched, name), _alike(config, name)
            if theirs != ours:
                raise ValueError(f"{file} was found with {name} {as_text(theirs)}, and the run has {as_text(ours)}")
        key = parts, size = parts_of(stored["row"]), searched.samples_per_class[0]
        what = f"for {stored['row']} with {size} images a class"
        if key in found:
            raise ValueError(f"tuned has two files {what}: leave one out")
        rows = [*map(parts_of, config.compare), parts_of("baseline")]
        if parts not in rows or size not in config.samples_per_class:
            raise ValueError(f"{file} is {what}, which this run does not have: leave it out")
        found[key] = {name: options[name] for name in NAMES if name in options}
    return found


def _alike(config: GlicoConfig, name: str) -> Any:
    """What is compared: a folder's name and not where it lies, which is another place on another machine."""
    value = getattr(config, name)
    return short_name(value) if name == "dataset" else value


def _of_schedule(config: GlicoConfig, options: dict[str, Any], row: str) -> list[str]:
    """What must be alike too: epochs, in which drops are counted, MixMatch's weight, what a file leaves to the run."""
    unused = ("lr", "weight_decay") if uses(row, "mixmatch") else ()
    left = [name for name in NAMES if name not in options and name not in unused]
    own = ["epochs"] * (config.decay == "drops") + ["guess_weight"] * uses(row, "mixmatch")
    return own + [each for name in left for each in (name, *_BESIDE.get(name, ()))]


def of_row(config: GlicoConfig, tuned: Tuned, method: str, samples_per_class: int) -> GlicoConfig:
    """The config with what was found for the row, or else for the baseline, with so many labelled images a class."""
    return replace(config, **_options(tuned, method, samples_per_class))


def of_every_row(config: GlicoConfig, tuned: Tuned) -> set[str]:
    """The options that every row takes from the files, with every number of labelled images."""
    kinds = [(row, size) for row in config.compare for size in config.samples_per_class]
    return {name for name in NAMES if all(name in _options(tuned, *kind) for kind in kinds)}


def _options(tuned: Tuned, method: str, samples_per_class: int) -> dict[str, Any]:
    own, others = ((parts_of(name), samples_per_class) for name in (method, "baseline"))
    return tuned.get(own, tuned.get(others, {}))


def fingerprint(tuned: Tuned) -> str:
    """Sixteen digits of all options."""
    text = sorted(f"{sorted(parts)} {size} {sorted(options.items())}" for (parts, size), options in tuned.items())
    return hashlib.sha256(str(text).encode()).hexdigest()[:16]
