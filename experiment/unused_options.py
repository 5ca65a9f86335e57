"""Which of the given options have no effect beside the others."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

Effects = tuple[tuple[tuple[str, ...], Callable[[Any], bool], str], ...]
"""Options, when they have an effect, and what that takes, in the words of the command line."""


def without_effect(given: Any, effective: Any, defaults: dict[str, Any], effects: Effects) -> list[str]:
    """One line for each option that has another value than its default, and no effect.

    given: a config as the command line has it. effective: what the effects are told by, it or the resolved one.
    defaults: of fields, in place of the dataclass's own.
    """
    lines: dict[str, str] = {}
    for names, has_effect, takes in effects:
        for name in names:
            is_given = getattr(given, name) != defaults.get(name, getattr(type(given), name))
            if is_given and not has_effect(effective):
                lines.setdefault(name, f"--{name.replace('_', '-')} has no effect here: it takes {takes}")
    return list(lines.values())


def tell(lines: list[str]) -> None:
    """On standard error, where the results are not."""
    for line in lines:
        print(f"note: {line}", file=sys.stderr)
