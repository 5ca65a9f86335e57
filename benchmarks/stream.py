"""Making synthetic tasks, without the training that they feed: python -m latentshot.benchmarks.stream --help"""

from __future__ import annotations

from dataclasses import replace

from ..experiment.command_line import errors_as_messages, parse
from .harness import Options, compare, report, write
from .stream_problem import StreamProblem

PEERS = {"stream_latentshot": "tensorflow", "stream_torch": "torch"}
LEARNERS = {"maml": "MAML", "protonets": "ProtoNets"}


def main() -> None:
    with errors_as_messages():
        options = parse(Options, __doc__)
        figures = {}
        for learner, called in LEARNERS.items():
            problem = StreamProblem(learner)
            # two classes of two images in all: whatever is drawn, each goes towards the other
            certain = replace(problem, batches=1, n_way=2, n_query=1, n_images=2, shift=0)
            compared = compare(PEERS, problem, options.steps, checked=certain)
            n_tasks = problem.batches * problem.tasks
            name = f"{n_tasks} tasks, kernels for {called}"
            figures[name] = report(f"the stream alone, {name}", problem, compared)
            for row in compared["rows"]:
                print(f"{row['candidate']}: {n_tasks / row['median_seconds']:.0f} tasks a second", flush=True)
        write(options.json_file, figures)


if __name__ == "__main__":
    main()
