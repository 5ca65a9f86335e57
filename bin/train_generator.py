#!/usr/bin/env python3
"""Trains a generator on a dataset's unlabelled images, for bin/train_meta.py --generator RUN/generator.keras.

bin/train_generator.py --dataset omniglot --generator msgan
"""

from latentshot.experiment.command_line import errors_as_messages, parse
from latentshot.lasium.experiment.defaults import resolved
from latentshot.lasium.experiment.generator_config import GeneratorConfig
from latentshot.training.cpu_kernels import choose_cpu_kernels
from latentshot.training.quiet_start import start_tensorflow_quietly


def main() -> None:
    with errors_as_messages(resumes=True):
        config = resolved(parse(GeneratorConfig, __doc__))
        choose_cpu_kernels(onednn=True)
        start_tensorflow_quietly()
        from latentshot.lasium.experiment.run import run_generator

        run_generator(config)


if __name__ == "__main__":
    main()
