"""The options of bin/tune.py: those of bin/train_glico.py and a few more. Importing this file imports no TensorFlow."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, fields
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

from ...datasets.registry import short_name
from ...experiment.checks import at_least
from ...experiment.command_line import Words
from ...experiment.run_directory import PLACES
from ..experiment.config import GlicoConfig
from ..experiment.defaults import resolved
from ..experiment.methods import uses

TUNABLE: dict[str, type] = {"lr": float, "weight_decay": float, "steps": int, "batch_size": int}
# What a run of bin/train_glico.py chooses anew, whatever the search has taken.
_OF_THE_SEARCH = ("split", "compare", "seeds", "seed", "subset_seed", *PLACES)


@dataclass(frozen=True)
class TuningConfig(GlicoConfig):
    compare: Words = ("baseline",)
    """The row whose classifier is tuned, one: give each row a search of its own, with as many trials."""
    split: Literal["test", "validation"] = "validation"
    """Always validation: up to 200 training images of each class that the sample does not hold."""

    tune: Words = tuple(TUNABLE)
    """What is searched, each by its name or with a range of its own: lr=0.01:0.3,weight_decay,steps=500:5000. By
    itself lr lies between 0.001 and 0.3, weight_decay between 0.00001 and 0.1, batch_size between 8 and 128 (at most
    the sample), steps between half of what bin/train_glico.py would take and four times as many."""
    trials: int = 30
    """Choices of options that are tried; a finished search goes on with --resume and a larger number."""

    def __post_init__(self) -> None:
        """Raises ValueError for what is wrong whatever the data."""
        super().__post_init__()
        at_least(self, 1, "trials")
        if self.split != "validation":
            raise ValueError(
                f"split is {self.split}; options are chosen on validation images, never on those of the test"
            )
        if len(self.compare) != 1:
            raise ValueError(f"compare names {len(self.compare)} rows; give one, each is tuned by a run of its own")
        if len(self.samples_per_class) != 1:
            raise ValueError(
                f"samples_per_class has {len(self.samples_per_class)} numbers; give one, each has its own best"
            )
        if self.features:
            raise ValueError("features are measured by bin/train_glico.py: leave them out")
        if self.tuned:
            raise ValueError("tuned is for bin/train_glico.py: a search begins from the command's options")
        if self.distribute:
            raise ValueError("distribute is for bin/train_glico.py: a search has one device")
        check_ranges(self.tune)
        if uses(self.method, "mixmatch") and (
            fixed := [name for name in ("lr", "weight_decay") if name in self.ranges]
        ):
            raise ValueError(
                f"mixmatch has its authors' optimizer, without {' and '.join(fixed)} to tune: --tune steps,batch_size"
            )

    @property
    def method(self) -> str:
        return self.compare[0]

    @property
    def ranges(self) -> dict[str, tuple[float, float] | None]:
        """By name the least and the most that is tried; None: as by default."""
        return dict(map(_range, self.tune))

    @property
    def identity(self) -> dict[str, Any]:
        """What must not change when the search goes on."""
        return {name: value for name, value in dataclasses.asdict(self).items() if name != "trials"}

    @property
    def passed_on(self) -> dict[str, Any]:
        """The options of bin/train_glico.py that were given, but for those that are the search's own affair."""
        found = {field.name: getattr(self, field.name) for field in fields(GlicoConfig) if self._passes_on(field)}
        if "batch_size" in self.ranges:  # which is the generator's too where nothing else is said
            found["generator_batch_size"] = resolved(self).generator_batch_size
        return found

    def _passes_on(self, field: dataclasses.Field) -> bool:
        is_given = getattr(self, field.name) != field.default or field.name in ("dataset", "samples_per_class")
        return is_given and field.name not in _OF_THE_SEARCH


def with_run_dir(config: TuningConfig) -> TuningConfig:
    """The config with a run directory, by default one that is named by the options that matter most."""
    name = f"{short_name(config.dataset)}-tuned-{config.method}-{config.samples_per_class[0]}-per-class"
    return dataclasses.replace(config, run_dir=config.run_dir or Path("runs", name))


def check_optuna() -> None:
    """Raises ValueError where the library of the search is not installed."""
    if find_spec("optuna") is None:
        raise ValueError("bin/tune.py takes Optuna: pip install 'latentshot[tune]'")


def check_ranges(words: tuple[str, ...]) -> None:
    """Raises ValueError for what is no range of an option to tune, and for an option that is named twice."""
    names = [_range(word)[0] for word in words]
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise ValueError(f"tune names {twice[0]} twice")


def _range(word: str) -> tuple[str, tuple[float, float] | None]:
    name, equals, limits = word.partition("=")
    name = name.replace("-", "_")
    if name not in TUNABLE:
        raise ValueError(f"there is no option {name!r} to tune: choose among {', '.join(TUNABLE)}")
    return name, _limits(word, limits, TUNABLE[name]) if equals else None


def _limits(word: str, text: str, kind: type) -> tuple[float, float]:
    low, _, high = text.partition(":")
    try:
        limits = kind(low), kind(high)
    except ValueError as error:
        numbers = "whole numbers" if kind is int else "numbers"
        raise ValueError(f"{word!r} is no range to tune in: write NAME=LEAST:MOST with two {numbers}") from error
    if not 0 < limits[0] < limits[1] < float("inf"):
        raise ValueError(f"{word!r} is no range to tune in: it must begin above 0 and end above its beginning")
    return limits
