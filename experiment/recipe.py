"""A table or figure of a paper as data: its rows, the options that reproduce each, and what the paper measured."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Literal

Options = dict[str, Any]


@dataclass(frozen=True)
class Column:
    """A column of figures, and where a run's results have ours.

    where: what a row of results.json must say to be of this column. measure, error: the keys of the figure there.
    quantity, digits: what it is, with its unit, and how exactly it is shown.
    """

    title: str
    where: Options
    measure: str
    error: str
    quantity: str = "accuracy, %"
    digits: int = 2


@dataclass(frozen=True)
class Row:
    """A row of the paper.

    method: its name there. figures: one a column, as printed, such as "84.70 ± 0.54"; empty where there is none.
    options: those of the command that reproduce it, beside the recipe's.
    """

    method: str
    figures: tuple[str, ...]
    options: Options = field(default_factory=dict)

    @property
    def slug(self) -> str:
        """The method's name for folders and for --rows."""
        return re.sub(r"[^a-z0-9.]+", "-", self.method.lower()).strip("-")


@dataclass(frozen=True)
class Recipe:
    """A table or figure of a paper.

    columns: none for a figure that shows no measured figures.
    name: for the command line, such as lasium/table-7. label: its name in the paper. options: of every row.
    interval: what stands behind the ± of the paper's figures and of ours, OVER_TASKS or OVER_SEEDS.
    pictures: patterns of files of the runs that show what the figure of the paper does, of those that have them.
    beside: the key of what in results.json the figures must be read with; empty for nothing.
    is_curve: its columns are sizes of samples, over which the picture shows a line for each row, as the paper's does.
    ranked_within: options; rows that have the same of them are a group, whose order is compared with the paper's.
    Raises ValueError for a row with more or fewer figures than columns, and for two rows of one name.
    """

    name: str
    label: str
    title: str
    command: Literal["train_meta", "draw_tasks", "train_glico"]
    columns: tuple[Column, ...]
    options: Options
    rows: tuple[Row, ...]
    interval: str
    pictures: tuple[str, ...] = ()
    beside: str = ""
    is_curve: bool = False
    ranked_within: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row.figures) != len(self.columns):
                raise ValueError(f"{self.name}, {row.method}: {len(row.figures)} figures, {len(self.columns)} columns")
        slugs = [row.slug for row in self.rows]
        if len(set(slugs)) < len(slugs):
            raise ValueError(f"{self.name} has two rows of one name")

    def row_options(self, row: Row) -> Options:
        return {**self.options, **row.options}


NO_FIGURES = ("", "")  # at two numbers of shots, of a row that the paper does not have
OVER_TASKS = "95 % interval over the tasks"
OVER_SEEDS = "standard error over the seeds"


def mean_and_error(figure: str) -> tuple[float | None, float | None]:
    """The numbers of a printed figure; None for what is not there."""
    mean, _, error = figure.partition("±")
    return (float(mean) if mean.strip() else None), (float(error) if error.strip() else None)


def shots(*k_shots: int) -> tuple[Column, ...]:
    """The columns of LASIUM's tables: accuracy by examples of each class."""
    return tuple(Column(f"{k}-shot", {"k_shot": k}, "accuracy", "ci95") for k in k_shots)


def top_accuracies(*tops: int) -> tuple[Column, ...]:
    """The columns of GLICO's ablations: top-1 and top-5 accuracy."""
    return tuple(Column(f"top-{k}", {}, f"top{k}", "ste" if k == 1 else "top5_ste") for k in tops)


def per_class(*samples: int) -> tuple[Column, ...]:
    """The columns of GLICO's comparisons: top-1 accuracy by labelled images of each class."""
    return tuple(Column(f"{n} a class", {"samples_per_class": n}, "top1", "ste") for n in samples)
