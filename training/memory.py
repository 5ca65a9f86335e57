"""How much memory this process may use: the machine's, or less where a container or a batch system limits it."""

from __future__ import annotations

from pathlib import Path

import psutil

OF_PROCESS = Path("/proc/self/cgroup")
GROUPS = Path("/sys/fs/cgroup")
NAMES = {"": "memory.max", "memory": "memory.limit_in_bytes"}  # of limits, in version 2 and in version 1


def memory_limit() -> int:
    """Bytes: of the machine's memory and the limits of the control groups that the process is in, the least.

    Both versions of control groups are read (https://docs.kernel.org/admin-guide/cgroup-v2.html, memory.max, and
    https://docs.kernel.org/admin-guide/cgroup-v1/memory.html, memory.limit_in_bytes).
    """
    return min([psutil.virtual_memory().total, *_limits_of_groups()])


def _limits_of_groups() -> list[int]:
    lines = OF_PROCESS.read_text().splitlines() if OF_PROCESS.is_file() else []  # number:controllers:/path
    found = []
    for _, controllers, path in (line.split(":", 2) for line in lines):
        if controllers in NAMES:
            root = GROUPS / controllers
            group = root / path.lstrip("/")
            # a group above may have less; a container may see its own at the root and not under its name
            groups = [each for each in (group, *group.parents) if each.is_relative_to(root)]
            found += [_limit(each / NAMES[controllers]) for each in groups]
    return [limit for limit in found if limit is not None]


def _limit(file: Path) -> int | None:
    """None where there is no such file, or no limit."""
    try:
        text = file.read_text().strip()
    except OSError:
        return None
    return int(text) if text.isdecimal() else None
