#!/usr/bin/env python3
"""Opens a page on this machine to try a trained learner on: draw or drop examples of new classes, then queries.

bin/app.py runs/my-photos-protonets-augmented-seed0
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from latentshot.experiment.checks import between
from latentshot.experiment.command_line import Positional, errors_as_messages, parse
from latentshot.training.quiet_start import start_tensorflow_quietly


@dataclass(frozen=True)
class AppConfig:
    learner: Annotated[Path, Positional]
    """The run, its folder export, or of bin/train_glico.py the folder of one of its classifiers."""
    port: int | None = None
    """Of 127.0.0.1; default: the first free one from 7860."""
    browser: bool = True
    """Open the page in the browser, too."""

    def __post_init__(self) -> None:
        if self.port is not None:
            between(self, 1, 65535, "port")


def main() -> None:
    with errors_as_messages():
        options = parse(AppConfig, __doc__)
        start_tensorflow_quietly()
        from latentshot.app.launch import serve

        serve(options.learner, options.port, options.browser)


if __name__ == "__main__":
    main()
