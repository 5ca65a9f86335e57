"""What the stream of synthetic tasks costs: python -m latentshot.benchmarks.tasks --help"""

from __future__ import annotations

from typing import Any

from tabulate import tabulate

from ..experiment.command_line import errors_as_messages, parse
from ..experiment.cpu_kernels import choose_cpu_kernels
from .harness import Options, write


def main() -> None:
    with errors_as_messages():
        options = parse(Options, __doc__)
        choose_cpu_kernels(onednn=False)
        from .task_stream import rows

        measured = rows(options.steps)
        print("\nThe stream of synthetic tasks (VAE, random out-of-class, 5-way 1-shot, 5 queries, 4 tasks)")
        shown = [{name: _shown(name, value) for name, value in row.items()} for row in measured]
        print(tabulate(shown, headers="keys", disable_numparse=True), flush=True)
        write(options.json_file, {"rows": measured})


def _shown(name: str, value: Any) -> str:
    if isinstance(value, str):
        return value
    return f"{value:.0%}" if name.endswith("share") else f"{value:.4f}"


if __name__ == "__main__":
    main()
