"""The training of a run's generator in a process of its own, which has what the run has given up for its learner.

python -m latentshot.lasium.experiment.generator_process RUN
"""

from __future__ import annotations

import io
import signal
import sys
from contextlib import redirect_stderr
from pathlib import Path

from ...experiment.command_line import errors_as_messages
from ...experiment.first_moments import SIGNALS
from ...training.quiet_start import start_tensorflow_quietly
from .read_config import read_config


def main(folder: Path) -> None:
    with errors_as_messages():
        for number in SIGNALS:
            signal.signal(number, signal.SIG_DFL)  # the run tells of an interruption, and ends this process
        config = read_config(folder)
        start_tensorflow_quietly()
        from ...training.precision import set_precision
        from .build import load
        from .build_generator import build_generator_training

        set_precision(config.precision)
        with redirect_stderr(io.StringIO()):  # what there is to say of the options and the data, the run has said
            training = build_generator_training(config, load(config))
        training.train_here(folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
