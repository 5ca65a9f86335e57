"""The command that repeats a run."""

from __future__ import annotations

import shlex
from dataclasses import fields
from typing import Any

from ..run_directory import PLACES, Row, RunDirectory
from .page import Section, Table


def command(script: str, config: Any, usual: Row, always: tuple[str, ...] = ()) -> str:
    """The script with every option whose value is not the usual one, or the field's default, and those `always` given.

    Options that say where things are, not what is computed, are left out.
    """
    words = [script]
    for option in fields(config):
        value = getattr(config, option.name)
        default = usual.get(option.name, option.default)
        if option.name in PLACES or (value == default and (value is None or option.name not in always)):
            continue
        flag = option.name.replace("_", "-")
        if isinstance(value, bool):
            words.append(f"--{flag}" if value else f"--no-{flag}")
        else:
            text = ",".join(map(str, value)) if isinstance(value, (tuple, list)) else str(value)
            words += [f"--{flag}", text]
    return shlex.join(words)


def what_it_was(directory: RunDirectory, words: str) -> Section:
    """The command, and folded the configuration and the versions."""
    tables = [
        Table(["option", "value"], [[name, _word(value)] for name, value in found.items()], title)
        for title, found in (("Configuration", directory.config()), ("Versions", directory.versions()))
    ]
    return Section("To repeat it", tables=tables, code=words, level=3)


def _word(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else "" if value is None else str(value)
