"""The memory that a process may use, by the files in which Linux says what a container or a job is limited to."""

import psutil
import pytest

from latentshot.training import memory

MACHINE = psutil.virtual_memory().total


@pytest.fixture
def groups(tmp_path, monkeypatch):
    """Writes what a kernel would: the process's groups, and the limits by file."""

    def write(of_process, limits):
        (tmp_path / "of_process").write_text(of_process)
        for name, limit in limits.items():
            file = tmp_path / "groups" / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(f"{limit}\n")

    monkeypatch.setattr(memory, "OF_PROCESS", tmp_path / "of_process")
    monkeypatch.setattr(memory, "GROUPS", tmp_path / "groups")
    return write


@pytest.mark.parametrize(
    ("of_process", "limits", "expected"),
    [
        ("0::/job/step", {"job/step/memory.max": "max", "job/memory.max": 5000}, 5000),  # a parent's
        ("0::/job/step", {"job/step/memory.max": 3000, "job/memory.max": 5000}, 3000),
        ("0::/job", {"memory.max": 4000}, 4000),  # a container's view of its own
        ("3:cpu:/x\n4:memory:/job\n0::/", {"memory/job/memory.limit_in_bytes": 2000}, 2000),  # the first version
        ("4:memory:/job", {"memory/job/memory.limit_in_bytes": 2**63 - 4096}, MACHINE),  # which says "none" so
        ("0::/job", {}, MACHINE),
        ("", {}, MACHINE),
    ],
)
def test_the_least_limit_counts_and_none_is_the_machine(groups, of_process, limits, expected):
    groups(of_process, limits)
    assert memory.memory_limit() == expected


def test_a_system_without_control_groups_has_the_machine(tmp_path, monkeypatch):
    monkeypatch.setattr(memory, "OF_PROCESS", tmp_path / "none")
    assert memory.memory_limit() == MACHINE
