"""Files that appear whole or not at all."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any


def write_text(path: Path, text: str) -> None:
    """Writes a neighbouring file and renames it, so that a kill leaves either the old file or the new one."""
    part = path.with_name(path.name + ".part")
    part.write_text(text, encoding="utf-8")
    os.replace(part, path)


def write_json(path: Path, value: Any) -> None:
    """Writes the value as `write_text` does."""
    write_text(path, json.dumps(value, indent=2) + "\n")


def copy_whole(source: Path, target: Path) -> None:
    """Copies to a neighbouring file and renames it. That keeps the suffix, by which Keras recognizes its files."""
    part = target.with_name(f"part-{target.name}")
    shutil.copyfile(source, part)
    os.replace(part, target)
