"""Options that lie in JSON files: those of a run, and those that a search found. Imports no TensorFlow."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any, get_type_hints

from typeguard import TypeCheckError, check_type

from ...experiment.command_line import words_given
from ...training.files import read_json
from .config import GlicoConfig


def from_json(stored: dict[str, Any]) -> dict[str, Any]:
    """The options as `GlicoConfig` takes them: JSON knows neither tuples nor paths."""
    paths = {field.name for field in fields(GlicoConfig) if "Path" in str(field.type)}
    return {name: _as_field(value, name in paths) for name, value in stored.items()}


def options_from_the_command_line(arguments: list[str] | None = None) -> dict[str, Any]:
    """The options in the file that --options-from names among the arguments, by default the program's; else none.

    Raises ValueError where the file is none of bin/tune.py's, or has options or values that are not known here.
    """
    word = words_given("options_from", arguments=arguments)["options_from"]
    if word is None:
        return {}
    file, remedy = Path(word), "give the best.json of a run of bin/tune.py"
    return checked_options(read_json(file, lambda value: isinstance(value, dict), remedy), file, remedy)


def checked_options(stored: dict[str, Any], file: Path, remedy: str) -> dict[str, Any]:
    """The options in what was read of the file. Raises ValueError for none, unknown ones, and values of other kinds."""
    if not isinstance(stored.get("options"), dict):
        raise ValueError(f"{file} has no options: {remedy}")
    options, kinds = from_json(stored["options"]), get_type_hints(GlicoConfig, include_extras=True)
    for name, value in options.items():
        if name not in kinds:
            raise ValueError(f"{file} has {name!r} among its options, which bin/train_glico.py does not know")
        try:
            check_type(value, kinds[name])
        except TypeCheckError as error:
            raise ValueError(f"{file} has {name} {value!r} among its options: it {error}") from error
    return options


def _as_field(value: Any, is_path: bool) -> Any:
    if isinstance(value, list):
        return tuple(value)
    return Path(value) if is_path and value else value
