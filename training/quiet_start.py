"""TensorFlow without its banner: some ten lines about the machine that tell a user nothing to do."""

from __future__ import annotations

import os
import re
import sys
import tempfile
from importlib import import_module

# The notes of TensorFlow's C++ logs come before any of its switches is read, TF_CPP_MIN_LOG_LEVEL included, and twice,
# for two of its libraries begin with them. Errors are kept, but for that of a machine without a GPU.
BANNER = re.compile(
    r"WARNING: All log messages before absl::InitializeLog|To enable the following instructions|[IW]\d{4} "
    r"|E\d{4} .*cuInit"
)


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
            sys.stderr.flush()
            os.dup2(stderr, 2)
            os.close(stderr)
            said.seek(0)
            for line in said.read().decode(errors="replace").splitlines():
                if not BANNER.match(line):
                    print(line, file=sys.stderr)
