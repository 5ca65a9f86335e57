"""TensorFlow without its banner: some ten lines about the machine that tell a user nothing to do."""

from __future__ import annotations

import os
import re
import sys
import tempfile
from importlib import import_module
from pathlib import Path

# The notes of TensorFlow's C++ logs come before any of its switches is read, TF_CPP_MIN_LOG_LEVEL included, and twice,
# for two of its libraries begin with them.
BANNER = re.compile(
    r"WARNING: All log messages before absl::InitializeLog|To enable the following instructions|I\d{4} "
)
# What it says of a GPU that it cannot use matters where there is one.
WITHOUT_GPU = re.compile(r"W\d{4} |E\d{4} .*cuInit|Skipping registering GPU devices")
GPUS = ("nvidia[0-9]*", "dxg")  # devices under /dev: NVIDIA's, and that of Windows' subsystem for Linux


def start_tensorflow_quietly() -> None:
    """Imports TensorFlow and has it look for devices; what it prints that is no banner follows afterwards."""
    if "tensorflow" in sys.modules:
        return
    sys.stderr.flush()
    with tempfile.TemporaryFile() as said:
        stderr = os.dup(2)
        os.dup2(said.fileno(), 2)
        try:
            import_module("tensorflow").config.list_physical_devices()
        finally:
            has_gpu = any(any(Path("/dev").glob(name)) for name in GPUS)
            sys.stderr.flush()
            os.dup2(stderr, 2)
            os.close(stderr)
            said.seek(0)
            for line in said.read().decode(errors="replace").splitlines():
                if not is_banner(line, has_gpu):
                    print(line, file=sys.stderr)


def is_banner(line: str, has_gpu: bool) -> bool:
    """Does the line tell a user nothing to do, on a machine with an NVIDIA GPU or without?"""
    return bool(BANNER.match(line) or (not has_gpu and WITHOUT_GPU.match(line)))
