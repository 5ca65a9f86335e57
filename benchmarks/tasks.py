"""What the stream of synthetic tasks costs: python -m latentshot.benchmarks.tasks --help"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

from tabulate import tabulate

from ..experiment.command_line import errors_as_messages, parse
from ..lasium.experiment.config import suited_kernels
from ..training.cpu_kernels import KERNELS
from .harness import Options, write


def main() -> None:
    with errors_as_messages():
        options = parse(Options, __doc__)
        rows = [_row(learner, options.steps) for learner in ("maml", "protonets")]
        print("\nThe stream of synthetic tasks (VAE, random out-of-class, 5-way 1-shot, 5 queries, 4 tasks)")
        shown = [{name: _shown(name, value) for name, value in row.items()} for row in rows]
        print(tabulate(shown, headers="keys", disable_numparse=True), flush=True)
        write(options.json_file, {"rows": rows})


def _row(learner: str, steps: int) -> dict[str, Any]:
    """In a process of its own, with the kernels that the command chooses for this learner."""
    environment = {KERNELS: str(int(suited_kernels(learner)["onednn"])), **os.environ}  # the user's choice wins
    command = [sys.executable, "-m", "latentshot.benchmarks.task_stream", learner, str(steps)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed: {done.stderr[-2000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def _shown(name: str, value: Any) -> str:
    if isinstance(value, str):
        return value
    return f"{value:.0%}" if name.endswith("share") else f"{value:.4f}"


if __name__ == "__main__":
    main()
