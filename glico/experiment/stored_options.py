"""Options that lie in JSON files: those of a run, and those that a search found. Imports no TensorFlow."""

from __future__ import annotations

import argparse
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any, get_type_hints

from typeguard import TypeCheckError, check_type

from ...training.files import read_json
from .config import GlicoConfig


def from_json(stored: dict[str, Any]) -> dict[str, Any]:
    """The options as `GlicoConfig` takes them: JSON knows neither tuples nor paths."""
    paths = {field.name for field in fields(GlicoConfig) if "Path" in str(field.type)}
    return {name: _as_field(value, name in paths) for name, value in stored.items()}


def options_from_the_command_line() -> dict[str, Any]:
    """The options in the file that --options-from names among the program's arguments; none without it.

    Raises ValueError where the file is none of bin/tune.py's, or has options or values that are not known here.
    """
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False, exit_on_error=False)
    parser.add_argument("--options-from", "--options_from", type=Path)
    try:
        file = parser.parse_known_args(sys.argv[1:])[0].options_from
    except argparse.ArgumentError:  # which the command line itself will tell
        return {}
    if file is None:
        return {}
    remedy = "give the best.json of a run of bin/tune.py"
    stored = read_json(file, lambda value: isinstance(value, dict), remedy)
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
