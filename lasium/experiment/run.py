"""One run of bin/train_meta.py or bin/train_generator.py."""

from __future__ import annotations

import dataclasses
import time

from ...datasets.fingerprint import fingerprint
from ...experiment.run_directory import ROWS, Row, RunDirectory
from ...experiment.task_scores import keep_scores, load_scores
from ...models.generator import EncodingGenerator
from ...training.checksums import write_checksums
from ...training.devices import on_devices
from ...training.files import check_room, copy_whole
from ...training.precision import set_precision
from ..learners.learner import FewShotLearner
from ..learners.on_embedding import OnEmbedding
from ..learners.protonets import ProtoNets
from ..tasks.encoding import Latents
from ..tasks.labelled import labelled_tasks
from .build import Experiment, build, bytes_on_disk, load
from .build_generator import build_gate, build_generator_training
from .config import MetaConfig
from .embedding import CENTRES_FILE, FILE, latents_of_run
from .findings import save_findings
from .generator_config import GeneratorConfig
from .pictures import save_task
from .report import write_report
from .results import results_table, save_results, verdicts

SHOWN_QUERIES = 5  # of each class, beside the synthetic task of about as many


def run(config: MetaConfig) -> list[Row]:
    """Carries out a resolved config, or what is left of it, and returns the rows of results.json.

    Raises ValueError, before any long work, for what the data or the run directory do not allow.
    """
    with on_devices(config) as own:
        assert own.run_dir is not None, "resolve the config first"
        directory = RunDirectory(own.run_dir)
        directory.check(dataclasses.asdict(own), own.resume)
        report = directory.path / "report.html"
        if directory.is_finished and not directory.results() and ROWS not in directory.data():
            raise ValueError(f"{directory.path} holds pictures of bin/draw_tasks.py alone: choose another --run-dir")
        if not directory.is_finished:
            experiment = build(own, directory.path / "generator.keras")
            with directory.only_writer():
                directory.start(
                    dataclasses.asdict(own), own.resume, {**experiment.data, ROWS: str(len(experiment.evaluations))}
                )
                report.unlink(missing_ok=True)  # of results that were lost
                carry_out(experiment, directory)
        if not report.exists():
            write_report(report, [directory])
        if directory.results():
            print("\n".join([results_table(directory.results()), "", *verdicts(directory.results())]))
        print(f"everything is under {directory.path}; {report.name} there shows it")
        return directory.results()


def carry_out(experiment: Experiment, directory: RunDirectory) -> None:
    """Trains, calibrates, exports and, where there are labelled images, evaluates."""
    load_scores(directory.task_scores_file)  # a damaged one is told before the long work
    learner, training = experiment.learner, experiment.meta_training
    latents = None
    if training:
        kept = directory.path / "generator.keras"
        if training.generator_file and not kept.exists():
            copy_whole(training.generator_file, kept)
        generator = getattr(training.carry_out(learner, directory), "generator", None)
        latents = Latents(generator.encode) if isinstance(generator, EncodingGenerator) else None
        latents = latents or latents_of_run(directory.path, learner.network.input_shape[1:])
    fitting: dict[str, float | None] = {}
    if experiment.feature_layers and isinstance(learner, ProtoNets):
        started = time.monotonic()
        learner = experiment.feature_layers.fitted(learner, directory.path)
        fitting = {"feature_layers": round(time.monotonic() - started, 1)}
    if experiment.embedding and isinstance(learner, OnEmbedding):
        learner = experiment.embedding.fitted(learner, directory.path)
        latents, fitting = Latents(learner.embed), experiment.embedding.times(directory.path)
    else:
        learner.network.save_weights(directory.learner_file)
    if experiment.calibration:
        experiment.calibration.calibrate(learner, directory.calibration_file)
    read_again = (
        directory.learner_file,
        directory.calibration_file,
        directory.path / FILE,
        directory.path / CENTRES_FILE,
    )
    write_checksums(directory.path, [file for file in read_again if file.exists()])
    if isinstance(learner, OnEmbedding):
        print(
            "there is no export: scikit-learn's classifiers are no graphs of TensorFlow (docs/python.md has their use)"
        )
    else:
        learner.export(directory.export)
        write_checksums(directory.export)
    rows = directory.partial_results()
    before = {**(training.times(directory.path) if training else {}), **fitting}
    done = {row["k_shot"] for row in rows}
    for evaluation in experiment.evaluations:
        if evaluation.shape.k_shot not in done:
            started = time.monotonic()
            row, scores = evaluation.measure(learner, latents)
            seconds = round(time.monotonic() - started, 1)
            so_far = rows[-1]["seconds"] if rows else sum(part or 0.0 for part in before.values())
            rows.append({**row, "times": {**before, "evaluation": seconds}, "seconds": round(so_far + seconds, 1)})
            keep_scores(directory.task_scores_file, scores)
            directory.write_partial_results(rows)
    if rows:
        save_results(directory.pictures / "results.png", rows)
    _look_at_tasks(learner, experiment, directory, latents)
    directory.write_results(rows)  # last: a run that has them is finished


def _look_at_tasks(
    learner: FewShotLearner, experiment: Experiment, directory: RunDirectory, latents: Latents | None
) -> None:
    """What the report shows of the first evaluation: a task of it, and what the learner does worst."""
    for evaluation in experiment.evaluations[:1]:
        shape = evaluation.shape
        n_query = min(SHOWN_QUERIES, shape.n_query)
        tasks = labelled_tasks(evaluation.split, shape.n_way, shape.k_shot, n_query, 1, evaluation.seed)
        save_task(directory.pictures / "real-task.png", tasks, experiment.inverted)
        save_findings(directory.path / "findings.json", learner, evaluation, experiment.inverted, latents)


def run_generator(config: GeneratorConfig) -> None:
    """Trains the generator of a resolved config. Raises ValueError for one that cannot be trained."""
    with on_devices(config) as own:
        assert own.run_dir is not None, "resolve the config first"
        directory = RunDirectory(own.run_dir)
        directory.check(dataclasses.asdict(own), own.resume)
        set_precision(own.precision)
        dataset = load(own)
        training, gate = build_generator_training(own, dataset), build_gate(own, dataset)
        check_room(directory.path, bytes_on_disk(training.model))
        with directory.only_writer():
            directory.start(dataclasses.asdict(own), own.resume, {"unlabelled": fingerprint(dataset.unlabelled)})
            gate.check(training.obtain(directory.path), directory.path)
        print(
            f"bin/train_meta.py --dataset {own.dataset} --generator {own.generator} finds it again under the same "
            f"generator options; elsewhere use --generator {directory.path / 'generator.keras'}"
        )
