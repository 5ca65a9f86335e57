#!/usr/bin/env python3
"""Compares classifiers trained on a few labelled images, with and without images that GLICO makes from them.

Azuri and Weinshall: "Generative latent implicit conditional optimization when learning from small sample", 2020,
https://arxiv.org/abs/2003.14297. Sections and tables in the options' texts are that paper's.

    bin/train_glico.py --dataset cifar10 --samples-per-class 10 --compare baseline,cutout,glico --seeds 3
"""

from latentshot.experiment.command_line import errors_as_messages, parse
from latentshot.experiment.unused_options import tell
from latentshot.glico.experiment.config import GlicoConfig
from latentshot.glico.experiment.defaults import resolved
from latentshot.glico.experiment.stored_options import options_from_the_command_line
from latentshot.glico.experiment.unused_options import unused_options
from latentshot.training.cpu_kernels import choose_cpu_kernels
from latentshot.training.quiet_start import start_tensorflow_quietly


def main() -> None:
    with errors_as_messages(resumes=True):
        defaults = options_from_the_command_line()
        given = parse(GlicoConfig, __doc__, defaults)
        tell(unused_options(given, defaults))
        config = resolved(given)
        choose_cpu_kernels(onednn=True)
        start_tensorflow_quietly()
        from latentshot.glico.experiment.run import run

        run(config)


if __name__ == "__main__":
    main()
