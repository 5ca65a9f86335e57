"""The meta-step of MAML: python -m latentshot.benchmarks.maml --help"""

from __future__ import annotations

from ..experiment.command_line import errors_as_messages, parse
from .harness import Options, compare, report, write
from .maml_problem import MamlProblem

PEERS = {
    "maml_latentshot": "tensorflow",
    "maml_tensorflow_loop": "tensorflow",
    "maml_torch_loop": "torch",
    "maml_torch_vmap": "torch",
    "maml_jax": "jax",
}
# The rows of the goals.
PROBLEMS = {
    "stride": MamlProblem(),
    "max_pool": MamlProblem(downsampling="max_pool"),
    "mini-imagenet": MamlProblem(side=84, channels=3, filters=32, downsampling="max_pool", inner_lr=0.05),
}


def main() -> None:
    with errors_as_messages():
        options = parse(Options, __doc__)
        figures = {}
        for name, problem in PROBLEMS.items():
            figures[name] = report(f"MAML, {name}", problem, compare(PEERS, problem, options.steps))
        write(options.json_file, figures)


if __name__ == "__main__":
    main()
