#!/usr/bin/env python3
"""Tunes the classifier of a row of bin/train_glico.py on validation images: learning rate, weight decay, steps, batch.

It takes the options of bin/train_glico.py; those that are not tuned hold for every trial. The best options lie in
best.json of the run directory, from where bin/train_glico.py takes them.

    bin/tune.py --dataset folder:PATH --samples-per-class 10 --compare baseline --trials 30 --run-dir runs/tuned
    bin/train_glico.py --options-from runs/tuned/best.json --compare baseline,glico --seeds 5
"""

from latentshot.experiment.command_line import errors_as_messages, parse
from latentshot.experiment.unused_options import tell
from latentshot.glico.experiment.stored_options import options_from_the_command_line
from latentshot.glico.experiment.unused_options import unused_options
from latentshot.glico.tuning.config import TuningConfig, check_optuna, with_run_dir
from latentshot.training.cpu_kernels import choose_cpu_kernels
from latentshot.training.quiet_start import start_tensorflow_quietly


def main() -> None:
    with errors_as_messages(resumes=True):
        defaults = options_from_the_command_line()
        given = parse(TuningConfig, __doc__, defaults)
        tell(unused_options(given, defaults))
        config = with_run_dir(given)
        check_optuna()
        choose_cpu_kernels(onednn=True)
        start_tensorflow_quietly()
        from latentshot.glico.tuning.search import search

        search(config)


if __name__ == "__main__":
    main()
