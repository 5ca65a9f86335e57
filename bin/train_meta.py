#!/usr/bin/env python3
"""Trains a few-shot learner from unlabelled images by LASIUM, or by one of its baselines, and evaluates it.

Khodadadeh et al.: "Unsupervised meta-learning through latent-space interpolation in generative models", 2020,
https://arxiv.org/abs/2006.10236. Sections and tables in the options' texts are that paper's.

    bin/train_meta.py --dataset omniglot --strategy ro
"""

from latentshot.experiment.command_line import errors_as_messages, parse
from latentshot.experiment.unused_options import tell
from latentshot.lasium.experiment.config import MetaConfig, suited_kernels
from latentshot.lasium.experiment.defaults import resolved
from latentshot.lasium.experiment.presets import preset_of_the_command_line
from latentshot.lasium.experiment.unused_options import unused_options
from latentshot.training.cpu_kernels import choose_cpu_kernels
from latentshot.training.quiet_start import start_tensorflow_quietly


def main() -> None:
    with errors_as_messages(resumes=True):
        defaults = preset_of_the_command_line()
        given = parse(MetaConfig, __doc__, defaults)
        tell(unused_options(given, defaults))
        config = resolved(given)
        choose_cpu_kernels(**suited_kernels(config.learner, config.downsampling))
        start_tensorflow_quietly()
        from latentshot.lasium.experiment.run import run

        run(config)


if __name__ == "__main__":
    main()
