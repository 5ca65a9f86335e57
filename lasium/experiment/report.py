"""What the report says of runs of bin/train_meta.py. Imports no TensorFlow, and reads the runs' folders alone."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from ...experiment.report import charts
from ...experiment.report.page import REMEDY, Picture, Section, Table, file_uri, write_page
from ...experiment.report.paired import paired_section
from ...experiment.report.repeat import command, what_it_was
from ...experiment.run_directory import Row, RunDirectory, names_of
from ...training.files import read_json
from .description import method_name, options_text
from .embedding_config import embedding_name
from .generator_config import generator_name
from .presets import brought
from .read_config import read_config
from .results import images_of, label
from .unused_options import fits_generator

SHEETS = {
    "clusters.png": "The embedding's clusters of unlabelled images, from the largest to the smallest.",
    "task.png": "A task to learn from. Each row is a class: its example to the left, what is asked to the right.",
    "real-task.png": "A task of the test, of real images.",
    "between-images.png": "From one image to another through the latent space, with the real images at the ends.",
    "interpolations.png": "What each strategy does to a latent: from an anchor, left, outwards.",
}
# Named by the command to repeat a run even where they are usual: other defaults depend on their being given.
ALWAYS = ("dataset", "recipe", "generator", "learner", "tasks")
GENERATORS_LENGTH = ("generator_epochs", "generator_min_steps")
MOST_CLASSES = 12  # in the chart of accuracy by class


def write_report(path: Path, runs: list[RunDirectory], paired: Row | None = None) -> None:
    """One HTML file about the runs, with everything inside. Raises ValueError for runs of another version.

    paired: the table of their comparison on the same tasks.
    """
    first = lead(runs[0]) if len(runs) == 1 else f"{len(runs)} runs beside one another."
    write_page(
        path, runs[0].path.resolve().name if len(runs) == 1 else "Few-shot learners", first, sections(runs, paired)
    )


def sections(runs: list[RunDirectory], paired: Row | None = None) -> list[Section]:
    """What all runs have in common first, then a part for each."""
    rows = [(run, row) for run in runs for row in run.results()]
    found = [_results(rows)] if rows else []
    found += [paired_section(paired)] if paired else []
    shots = _shots(rows)
    found += [shots] if shots else []
    own = names_of(run.path for run in runs)
    for run in runs:
        found += _of_run(run, own[run.path.resolve()])
    return found


def lead(run: RunDirectory) -> str:
    """What was learned from and how, in two sentences."""
    config = read_config(run.path)
    if config.is_classifier:
        return (
            f"{method_name(config)}: each test task of {config.dataset} was learned from the embedding of its examples."
        )
    learner = {"maml": "MAML", "protonets": "ProtoNets", "scratch": "a network"}[config.learner]
    if not config.is_meta_trained:
        weights = f"the weights of {config.network}" if config.weights else "fresh weights"
        fitted = [f"{n} {name}" for name in ("discriminants", "neighbours") if (n := getattr(config, name))]
        before = f"Of its unlabelled images {' and '.join(fitted)} were found before." if fitted else ""
        return f"{learner} with {weights}, adapted to each test task of {config.dataset}. " + (
            before or "Nothing was learned before."
        )
    generator, embedding = generator_name(config.generator), embedding_name(config.embedding or "")
    source = {
        "synthetic": f"tasks that a generator ({generator}) made from unlabelled images of {config.dataset}",
        "supervised": f"labelled tasks of the training classes of {config.dataset}",
        "umtra": f"unlabelled images of {config.dataset}, each taken for a class of its own",
        "augmented": f"unlabelled images of {config.dataset}, each a class of its own with its augmentations",
        "cactus": f"clusters of unlabelled images of {config.dataset}, found by an embedding ({embedding})",
    }[config.tasks]
    tasks = f"{config.meta_batch_size} tasks" if config.meta_batch_size > 1 else "one task"
    return (
        f"{learner} learned to tell classes apart from {source}, in {config.iterations:,} steps of {tasks}. "
        f"It was tested on {config.n_way}-way tasks of labelled images."
    )


def _told_apart(names: list[str], runs: list[RunDirectory]) -> list[str]:
    """The names, those that several runs have with their run's, or its folder where that is of two runs too."""
    paths = [run.path.resolve() for run in runs]
    having = Counter(name for name, _ in set(zip(names, paths, strict=True)))
    own = names_of(paths)
    return [f"{name} of {own[path]}" if having[name] > 1 else name for name, path in zip(names, paths, strict=True)]


def _results(of_runs: list[tuple[RunDirectory, Row]]) -> Section:
    runs, rows = map(list, zip(*of_runs, strict=True))
    names = _told_apart([label(row) for row in rows], runs)
    chart = charts.bars(
        names,
        [row["accuracy"] for row in rows],
        [row["ci95"] for row in rows],
        [charts.first_number(row["paper"]) for row in rows],
        "accuracy, %, with 95 % interval",
    )
    columns = ["n_tasks", "accuracy", "ci95", "paper"]
    columns += ["auroc", "auroc_ci95", "open_accuracy", "open_accuracy_ci95", "false_alarms", "ece_raw", "ece"]
    known = [name for name in columns if any(row.get(name) not in (None, "") for row in rows)]
    cells = [
        [name, *(_number(row.get(column, "")) for column in known), row["options"]]
        for name, row in zip(names, rows, strict=True)
    ]
    text = 'AUROC, open accuracy and false alarms are of "none of these", on tasks in which half of the queries belong '
    text += "to no class; ECE is the expected calibration error before and after the temperature. All in percent."
    tables = [Table(["method, images and tasks", *known, "options"], cells, folded=False)]
    splits = " and ".join(sorted({row["split"] for row in rows}))
    return Section(
        "Results", text if "auroc" in known else "", [Picture(chart, f"Accuracy on {splits} tasks.")], tables
    )


def _shots(of_runs: list[tuple[RunDirectory, Row]]) -> Section | None:
    """How accuracy grows with shots, where a run was tested with more than one number of them on the same images."""
    runs, rows = map(list, zip(*of_runs, strict=True)) if of_runs else ([], [])
    points = Counter((run.path, label(row)) for run, row in of_runs)  # more than one: over other numbers of tasks
    names = [
        f"{row['method']}, {images_of(row)}, {row['n_way']}-way"
        + f", {row['n_tasks']:,} tasks" * (max(points.values()) > 1)
        for row in rows
    ]
    series: dict[str, list[tuple[int, float, float]]] = {}
    for name, row in zip(_told_apart(names, runs), rows, strict=True):
        series.setdefault(name, []).append((row["k_shot"], row["accuracy"], row["ci95"]))
    with_several = {name: points for name, points in series.items() if len({k for k, *_ in points}) > 1}
    by_name = {name: tuple(zip(*sorted(points), strict=True)) for name, points in with_several.items()}
    if not by_name:
        return None
    chart = charts.lines(by_name, "examples of each class", "accuracy, %", few=True)  # type: ignore[arg-type]
    cells = [[name, *map(_number, point)] for name in by_name for point in sorted(series[name])]
    table = Table(["method", "k_shot", "accuracy", "ci95"], cells)
    return Section("Accuracy and shots", pictures=[Picture(chart, "More examples, fewer errors.")], tables=[table])


def _of_run(run: RunDirectory, name: str) -> list[Section]:
    config = read_config(run.path)
    found = [Section(name, f"{method_name(config)}: {options_text(config)}.")]
    sheets = [Picture(file_uri(run.pictures / name), words) for name, words in SHEETS.items() if _there(run, name)]
    found += [Section("Tasks", pictures=sheets, level=3)] if sheets else []
    found += _curves(run, config.checkpoint_every)
    file = run.path / "findings.json"
    if file.exists():
        found += _findings(read_json(file, _are_findings, REMEDY))
    usual = {"train_n_way": config.n_way, **brought(config)}
    always = (*ALWAYS, *GENERATORS_LENGTH) if fits_generator(config) else ALWAYS
    return [*found, what_it_was(run, command("bin/train_meta.py", config, usual, always))]


def _there(run: RunDirectory, name: str) -> bool:
    return (run.pictures / name).exists()


def _curves(run: RunDirectory, steps_per_epoch: int) -> list[Section]:
    file = run.checkpoints / "history.json"
    if not file.exists():
        return []
    history = read_json(file, _is_history, REMEDY)
    steps = [steps_per_epoch * (n + 1) for n in range(len(history))]
    names = [name for name in history[0] if not name.endswith("ci95")]
    pictures = []
    for kind, unit in (("loss", "loss"), ("accuracy", "accuracy, %")):
        series: dict[str, Any] = {
            name.replace("_", " "): (steps, [row[name] for row in history], None) for name in names if kind in name
        }
        pictures += [Picture(charts.lines(series, "iteration", unit), f"Meta-training: {kind}.")] if series else []
    table = Table(
        ["iteration", *names], [[s, *(_number(row[n]) for n in names)] for s, row in zip(steps, history, strict=True)]
    )
    return [Section("Meta-training", "", pictures, [table], level=3)]


def _is_history(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(row, dict) for row in value)


def _are_findings(value: Any) -> bool:
    return isinstance(value, dict) and {"n_tasks", "k_shot", "tasks", "wrong", "classes"} <= set(value)


def _findings(found: dict[str, Any]) -> list[Section]:
    """What it does worst: tasks, queries, classes."""
    where = f"of the first {found['n_tasks']} tasks of the {found['k_shot']}-shot test"
    tasks = []
    for task in found["tasks"]:
        names = [each["name"] for each in task["classes"]]
        examples = [_cell(each["image"], each["name"]) for each in task["classes"]]
        tasks.append(Table(names, [examples], f"{task['accuracy']:.0f} % right", folded=False))
        if task["wrong"]:
            tasks.append(_wrong(task["wrong"], f"its {len(task['wrong'])} first errors"))
    worst = Section("The hardest tasks", f"The worst {where}: an example of each class.", tables=tasks, level=3)
    wrong = Section(
        "Surest errors", f"The queries {where} that were taken for another class with the highest probability.",
        tables=[_wrong(found["wrong"], "The queries", folded=False)], level=3,
    )  # fmt: skip
    return [worst, *([wrong] if found["wrong"] else []), *_by_class(found["classes"], where)]


def _wrong(queries: list[dict[str, Any]], title: str, folded: bool = True) -> Table:
    cells = [
        [
            _cell(query["image"], "the query"),
            query["name"],
            _cell(query["example"], query["name"]),
            query["taken"],
            _cell(query["taken_example"], query["taken"]),
            f"{query['probability']:.0%}",
        ]
        for query in queries
    ]
    return Table(["query", "is", "example", "taken for", "example", "probability"], cells, title, folded)


def _by_class(classes: list[dict[str, Any]], where: str) -> list[Section]:
    if not classes:
        return []
    shown = classes[:MOST_CLASSES]
    chart = charts.bars(
        [each["name"] for each in shown],
        [each["accuracy"] for each in shown],
        [0.0] * len(shown),
        [None] * len(shown),
        "accuracy, %",
    )
    cells = [[each["name"], _number(each["accuracy"]), each["queries"]] for each in classes]
    table = Table(["class", "accuracy", "queries"], cells, f"All {len(classes)} classes")
    return [Section("Accuracy by class", f"The worst classes {where}.", [Picture(chart, "")], [table], level=3)]


def _cell(image: str, alt: str) -> dict[str, str]:
    return {"image": image, "alt": alt}


def _number(value: Any) -> Any:
    return f"{value:.2f}" if isinstance(value, float) else value
