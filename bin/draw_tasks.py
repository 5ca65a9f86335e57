#!/usr/bin/env python3
"""Draws the tasks that a generator makes and how it makes them, before hours of meta-training: no learner is trained.

The pictures are those of figures 1 to 4 of Khodadadeh et al. 2020. The options are those of bin/train_meta.py; those of
the learner and of its evaluation have no effect here.

    bin/draw_tasks.py --dataset omniglot --strategy ro --alpha 0.4
"""

from dataclasses import replace

from latentshot.experiment.command_line import errors_as_messages, parse
from latentshot.lasium.experiment.config import MetaConfig
from latentshot.lasium.experiment.defaults import resolved
from latentshot.lasium.experiment.presets import preset_of_the_command_line
from latentshot.training.cpu_kernels import choose_cpu_kernels
from latentshot.training.quiet_start import start_tensorflow_quietly


def main() -> None:
    with errors_as_messages(resumes=True):
        given = parse(MetaConfig, __doc__, preset_of_the_command_line())
        config = resolved(given)
        if given.run_dir is None and config.run_dir:  # which is bin/train_meta.py's
            config = replace(config, run_dir=config.run_dir.with_name(f"{config.run_dir.name}-tasks"))
        choose_cpu_kernels(onednn=True)
        start_tensorflow_quietly()
        from latentshot.lasium.experiment.draw_tasks import draw_tasks

        draw_tasks(config)


if __name__ == "__main__":
    main()
