#!/usr/bin/env python3
"""Writes the tables of README.md, RESULTS.md and docs/ anew from the figures under results/.

bin/update_results.py --check
"""

import sys
from dataclasses import dataclass
from pathlib import Path

from latentshot.experiment.command_line import errors_as_messages, parse
from latentshot.experiment.result_pages import update_pages


@dataclass(frozen=True)
class UpdateConfig:
    root: Path = Path()
    """The folder with README.md, RESULTS.md, docs and results."""
    check: bool = False
    """Change nothing, name the pages that differ from their data, and exit with 1 if there are any."""


def main() -> None:
    with errors_as_messages():
        config = parse(UpdateConfig, __doc__)
        pages = sorted([*config.root.glob("*.md"), *config.root.glob("docs/**/*.md")])
        if not pages:
            raise ValueError(f"{config.root.resolve()} has no pages: run it in the checkout, or name that with --root")
        changed = update_pages(pages, config.root, config.check)
        for page in changed:
            print(f"{page} differs from results/: run bin/update_results.py" if config.check else f"wrote {page}")
        if config.check and changed:
            sys.exit(1)


if __name__ == "__main__":
    main()
