"""Options that lie in JSON files: those of a run, and those that a search found. Imports no TensorFlow."""

from __future__ import annotations

import argparse
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any

from ...training.files import read_json
from .config import GlicoConfig


def from_json(stored: dict[str, Any]) -> dict[str, Any]:
    """The options as `GlicoConfig` takes them: JSON knows neither tuples nor paths."""
    paths = {field.name for field in fields(GlicoConfig) if "Path" in str(field.type)}
    return {name: _as_field(value, name in paths) for name, value in stored.items()}


def options_from_the_command_line() -> dict[str, Any]:
    """The options in the file that --options-from names among the program's arguments; none without it.

    Raises ValueError where the file is none of bin/tune.py's, or has options that are not known here.
    """
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False, exit_on_error=False)
    parser.add_argument("--options-from", "--options_from", type=Path)
    try:
        file = parser.parse_known_args(sys.argv[1:])[0].options_from
    except argparse.ArgumentError:  # which the command line itself will tell
        return {}
    if file is None:
        return {}
    stored = read_json(file, _has_options, "give the best.json of a run of bin/tune.py")["options"]
    unknown = sorted(stored.keys() - {field.name for field in fields(GlicoConfig)})
    if unknown:
        raise ValueError(f"{file} has {unknown[0]!r} among its options, which bin/train_glico.py does not know")
    return from_json(stored)


def _has_options(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("options"), dict)


def _as_field(value: Any, is_path: bool) -> Any:
    if isinstance(value, list):
        return tuple(value)
    return Path(value) if is_path and value else value
