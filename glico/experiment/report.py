"""What the report says of runs of bin/train_glico.py. Imports no TensorFlow, and reads the runs' folders alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from ...experiment.paired_samples import differences, paired_table, shared_samples
from ...experiment.report import charts
from ...experiment.report.page import REMEDY, Picture, Section, Table, file_uri, write_page
from ...experiment.report.paired import paired_section
from ...experiment.report.repeat import command, what_it_was
from ...experiment.run_directory import Row, RunDirectory, names_of
from ...training.files import read_json
from .config import GlicoConfig
from .methods import uses
from .results import baseline_of, images_of, named, with_gains
from .stored_options import from_json

SHEETS = {
    "reconstructions.png": "Labelled images, and what the generator makes of their codes.",
    "interpolations.png": "From one image of a class to another, between their codes.",
    "new_images.png": "Labelled images, and new ones of the same class.",
    "dcgan-new_images.png": "Labelled images, and images of the conditional DCGAN.",
    "generators.png": "Labelled images, and new ones of the same class: by GLICO, and by the conditional DCGAN.",
    "pseudo_labels.png": "Images that came without labels, by the class that the weak classifier is sure of.",
    "code_space.png": "The codes, before and after, coloured by class.",
}
MANY_CLASSES = 50  # of more a page has no table of counts, which would be most of it; they lie in the run's folder
MADE_IMAGES = (
    *("pseudo_labelled", "pseudo_right", "frechet", "frechet_ste", "kernel", "kernel_ste"),
    *("kernel_of_sample", "kernel_of_sample_ste", "features"),
)


def write_report(path: Path, runs: list[RunDirectory], paired: Row | None = None) -> None:
    """One HTML file about the runs, with everything inside. Raises ValueError for runs of another version.

    paired: the table of their comparison on the same samples; default: each beside the best.
    """
    first = lead(runs[0]) if len(runs) == 1 else f"{len(runs)} runs beside one another."
    write_page(
        path,
        runs[0].path.resolve().name if len(runs) == 1 else "Classifiers from a small sample",
        first,
        sections(runs, paired),
    )


def sections(runs: list[RunDirectory], paired: Row | None = None) -> list[Section]:
    """What all runs have in common first, then a part for each."""
    names, rows = map(list, zip(*named(runs), strict=True))
    rows = with_gains(rows)
    gains, paired = _gains(names, rows), paired or paired_table(list(zip(names, rows, strict=True)))
    found = [_results(names, rows), *([paired_section(paired)] if paired else []), *([gains] if gains else [])]
    own = names_of(run.path for run in runs)
    for run in runs:
        found += _of_run(run, own[run.path.resolve()])
    return found


def lead(run: RunDirectory) -> str:
    """What was learned from and how, in two sentences."""
    config = run.config()
    sizes = " and ".join(map(str, config["samples_per_class"]))
    way = "no other image"
    if config["transductive"] or config["unlabelled"]:
        way = "others without labels"
    return (
        f"{', '.join(config['compare'])} were compared on {config['dataset']}, learned from {sizes} labelled images of "
        f"each class and {way}. Each was repeated with {config['seeds']} samples of images, and tested on "
        + ("validation images of each sample's own." if config["split"] == "validation" else "the same test images.")
    )


def _results(names: list[str], rows: list[Row]) -> Section:
    chart = charts.bars(
        [_title(*each) for each in zip(names, rows, strict=True)],
        [row["top1"] for row in rows],
        [row["ste"] or 0.0 for row in rows],
        [charts.first_number(row["paper"]) for row in rows],
        "top-1 accuracy, %, with standard error",
    )
    columns = ["samples_per_class", "seeds", "top1", "ste", "image_error", "top5", "top5_ste"]
    columns += ["gain", "gain_ste", "gain_image_error", "psnr"]
    columns += [name for name in MADE_IMAGES if any(row.get(name) is not None for row in rows)] + ["paper", "options"]
    digits = {name: 4 for name in columns if name.startswith("kernel")}  # which is small
    cells = [
        [name, images_of(row), *(_number(row.get(key), digits.get(key, 2)) for key in columns)]
        for name, row in zip(names, rows, strict=True)
    ]
    tables = [Table(["method", "dataset", *columns], cells, folded=False)]
    splits = " and ".join(sorted({row["split"] for row in rows}))
    return Section("Results", "", [Picture(chart, f"Accuracy on the {splits} images.")], tables)


def _gains(names: list[str], rows: list[Row]) -> Section | None:
    """Sample by sample, over the baseline of the same sample."""
    found = []
    for name, row in zip(names, rows, strict=True):
        if baseline := baseline_of(row, rows):
            places, _ = shared_samples(row, baseline)
            seeds = [row["first_seed"] + place for place in places]
            found.append((_title(name, row), seeds, differences(row, baseline)))
    if not found:
        return None
    series = {name: (seeds, gains, None) for name, seeds, gains in found}
    chart = charts.lines(series, "seed of the sample", "gain over the baseline, points", few=True)  # type: ignore[arg-type]
    cells = [[name, seed, _number(gain)] for name, *pairs in found for seed, gain in zip(*pairs, strict=True)]
    table = Table(["method", "seed", "gain"], cells)
    picture = Picture(chart, "Above 0, the row beats its baseline.")
    return Section("Gains, sample by sample", pictures=[picture], tables=[table])


def _title(name: str, row: Row) -> str:
    return f"{name}, {images_of(row)}, {row['samples_per_class']} a class"


def _of_run(run: RunDirectory, name: str) -> list[Section]:
    try:
        config = GlicoConfig(**from_json(run.config()))
    except TypeError as error:
        raise ValueError(f"{run.path} was written by another version of latentshot ({error})") from error
    found = [Section(name, f"{config.dataset}, {', '.join(config.compare)}.")]
    for folder in sorted(
        run.path.glob("*-per-class/seed*"), key=lambda folder: (int(folder.parent.name.split("-")[0]), folder.name)
    ):
        found += _of_sample(folder) if folder.name == f"seed{config.seed}" else []
    return [*found, what_it_was(run, command("bin/train_glico.py", config, {}, ("dataset", "compare")))]


def _of_sample(folder: Path) -> list[Section]:
    name = f"{folder.parent.name.replace('-', ' ')}, {folder.name.replace('seed', 'seed ')}"
    pictures = folder / "pictures"
    sheets = [Picture(file_uri(pictures / file), words) for file, words in SHEETS.items() if (pictures / file).exists()]
    found = [Section(f"Images: {name}", "", sheets, level=3)] if sheets else []
    confusions = sorted(folder.glob("*-confusion.json"), key=_baseline_then_glico)
    if confusions:
        found.append(_confusion(confusions, name))
    return found


def _confusion(files: list[Path], name: str) -> Section:
    pictures, tables = [], []
    for file in files:
        stored = read_json(file, _is_confusion, REMEDY)
        method, classes, counts = _method(file), stored["classes"], np.array(stored["counts"])
        pictures.append(Picture(charts.matrix(counts, classes, method), f"{method}: a row for each class."))
        if len(classes) <= MANY_CLASSES:
            cells = [[each, *row] for each, row in zip(classes, counts.tolist(), strict=True)]
            tables.append(Table(["is, taken for", *classes], cells, f"The counts of {method}"))
    return Section(f"What is taken for what: {name}", "", pictures, tables, level=3)


def _is_confusion(value: Any) -> bool:
    return isinstance(value, dict) and {"classes", "counts"} <= set(value)


def _baseline_then_glico(file: Path) -> tuple[bool, bool, str]:
    method = _method(file)
    return method != "baseline", not uses(method, "glico"), method


def _method(file: Path) -> str:
    return file.name.removesuffix("-confusion.json")


def _number(value: Any, digits: int = 2) -> Any:
    return "" if value is None else f"{value:.{digits}f}" if isinstance(value, float) else value
