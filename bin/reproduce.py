#!/usr/bin/env python3
"""Reproduces a table or figure of the papers: runs its rows and writes the paper's figures beside ours.

    bin/reproduce.py --list
    bin/reproduce.py lasium/table-7 --rows lasium-ro-vae-maml-alpha-0.2 --seeds 3

Every row is a run of bin/train_meta.py or bin/train_glico.py, or for a figure that measures nothing bin/draw_tasks.py,
in a folder of its own under --run-dir. It may be killed at any moment; --resume goes on. The table lies in --run-dir as
table.md, table.csv, table.json and table.png, the pictures of a figure in its folder pictures/.
"""

import math
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, get_type_hints

from latentshot.experiment.command_line import Positional, Words, check_arguments, errors_as_messages, parse
from latentshot.experiment.recipe import Options, Recipe, Row
from latentshot.experiment.reproduction import Reproduction, arguments_of
from latentshot.experiment.run_directory import RunDirectory
from latentshot.glico.experiment import requirements as of_glico
from latentshot.glico.experiment.config import GlicoConfig
from latentshot.glico.experiment.defaults import resolved
from latentshot.glico.experiment.stored_options import options_from_the_command_line
from latentshot.glico.experiment.tuned import load_tuned
from latentshot.glico.recipes.registry import RECIPES as OF_GLICO
from latentshot.lasium.experiment import requirements as of_lasium
from latentshot.lasium.experiment.config import MetaConfig
from latentshot.lasium.experiment.presets import preset_of_the_command_line
from latentshot.lasium.recipes.registry import RECIPES as OF_LASIUM

RECIPES = {recipe.name: recipe for recipe in sorted((*OF_LASIUM, *OF_GLICO), key=lambda recipe: recipe.name)}
CONFIGS: dict[str, type] = {"train_meta": MetaConfig, "draw_tasks": MetaConfig, "train_glico": GlicoConfig}
DEFAULTS = {
    "train_meta": preset_of_the_command_line,
    "draw_tasks": preset_of_the_command_line,
    "train_glico": options_from_the_command_line,
}
OWN = ("seeds", "iterations", "n_tasks", "budget", "data_dir", "run_dir", "resume")  # not to be given by --options
TRUTH = {"true": True, "false": False}
MISSING = {"train_meta": of_lasium.missing, "draw_tasks": of_lasium.missing, "train_glico": of_glico.missing}


@dataclass(frozen=True)
class ReproduceConfig:
    recipe: Annotated[str, Positional] = ""
    """The table or figure, such as lasium/table-7."""
    list: bool = False
    """Show every table and figure, its rows, and what each needs that is not here."""
    rows: Words | None = None
    """Names of rows, as --list shows them; default: all."""
    seeds: int | None = None
    """Seeds of each row; default: 1 for LASIUM, whose intervals are over tasks, 3 for GLICO, as in the paper."""
    against: str | None = None
    """The row that the others are compared with, on the same tasks or samples; default: the best."""
    iterations: int | None = None
    """LASIUM: meta-training steps in place of the recipe's."""
    n_tasks: int | None = None
    """LASIUM: tasks of an evaluation in place of 1,000."""
    budget: float | None = None
    """GLICO: shrinks the schedules, 1 being the paper's."""
    options: tuple[str, ...] = ()
    """Other options of the rows' command in place of the recipe's: generator_epochs=1 filters=16 quarter_turns=true."""
    data_dir: Path | None = None
    """Where the images lie, as for bin/train_meta.py and bin/train_glico.py."""
    run_dir: Path | None = None
    """Where everything is written; default: a folder under runs/ named by the recipe."""
    resume: bool = False
    """Go on in --run-dir; rows that have finished are not run again."""


def main() -> None:
    with errors_as_messages(resumes=True):
        config = parse(ReproduceConfig, __doc__)
        if config.list:
            print("\n\n".join(listed(recipe, config.data_dir) for recipe in RECIPES.values()))
            return
        reproduction = build(config)
        directory = RunDirectory(config.run_dir or Path("runs") / config.recipe.replace("/", "-"))
        directory.check_apart(str(reproduction.overrides.get("dataset", "")))
        directory.check(reproduction.identity, config.resume)
        with directory.only_writer():
            directory.start(reproduction.identity, config.resume)
            whole = reproduction.carry_out(directory)
        print((directory.path / "table.md").read_text(encoding="utf-8"))
        print(f"everything is under {directory.path}")
        if not whole:
            sys.exit(1)


def build(config: ReproduceConfig) -> Reproduction:
    """Raises ValueError for a recipe, a row or an option that there is not."""
    if config.recipe not in RECIPES:
        raise ValueError(f"there is no recipe {config.recipe!r}: choose one of {', '.join(RECIPES)}, or see --list")
    if config.seeds is not None and config.seeds < 1:
        raise ValueError(f"seeds is {config.seeds}; it must be 1 or more")
    recipe = RECIPES[config.recipe]
    if not recipe.columns:
        for name in ("seeds", "iterations", "n_tasks", "against"):
            if getattr(config, name) is not None:
                raise ValueError(f"{name} is for tables; {recipe.name} measures nothing")
    rows = chosen_rows(recipe, config.rows)
    reproduction = Reproduction(
        recipe,
        rows,
        overrides(config, recipe),
        {"data_dir": config.data_dir},
        config.seeds or (3 if recipe.command == "train_glico" else 1),
        row_against(recipe, rows, config.against),
    )
    reproduction.check_methods()
    reproduction.check_overrides()
    reproduction.check_columns()
    if reproduction.overrides:
        check_rows(reproduction)
    return reproduction


def check_rows(reproduction: Reproduction) -> None:
    """Raises ValueError where the command of a row would refuse its options."""
    command = reproduction.recipe.command
    for row in reproduction.rows:
        arguments = arguments_of(reproduction.options(row))
        try:
            row_config = check_arguments(CONFIGS[command], arguments, DEFAULTS[command](arguments))
            if isinstance(row_config, GlicoConfig):
                load_tuned(resolved(row_config))
        except ValueError as error:
            changed = " ".join(arguments_of(reproduction.overrides))
            raise ValueError(f"{row.slug} cannot be run with {changed}: {error}") from error


def chosen_rows(recipe: Recipe, names: tuple[str, ...] | None) -> tuple[Row, ...]:
    by_name = {row.slug: row for row in recipe.rows}
    unknown = [name for name in names or () if name not in by_name]
    if unknown:
        raise ValueError(f"{recipe.name} has no row {unknown[0]!r}: choose among {', '.join(by_name)}")
    if names and len(set(names)) < len(names):
        raise ValueError(f"rows names a row twice: {', '.join(names)}")
    return tuple(by_name[name] for name in names) if names else recipe.rows


def row_against(recipe: Recipe, rows: tuple[Row, ...], name: str | None) -> Row | None:
    if name is None:
        return None
    if recipe.command == "train_glico" and all(column.measure != "top1" for column in recipe.columns):
        raise ValueError(f"against compares accuracies; {recipe.name} measures none")
    found = next((row for row in rows if row.slug == name), None)
    if found is None:
        raise ValueError(f"against is {name!r}, which is none of the rows: {', '.join(row.slug for row in rows)}")
    return found


def overrides(config: ReproduceConfig, recipe: Recipe) -> Options:
    """What the command line changes of every row's options."""
    known = get_type_hints(CONFIGS[recipe.command])
    given: dict[str, Any] = {name: getattr(config, name) for name in ("iterations", "n_tasks", "budget")}
    given = {name: value for name, value in given.items() if value is not None}
    for option in config.options:
        name, equals, value = option.partition("=")
        if not equals:
            raise ValueError(f"{option!r} among the options is no name=value")
        if (name := name.replace("-", "_")) in OWN:
            raise ValueError(f"{name} is an option of bin/reproduce.py itself: give it as --{name.replace('_', '-')}")
        if name == "seed" and recipe.command != "train_glico":
            raise ValueError("seed is among the options; the seeds are 0, 1 and so on, as many as --seeds says")
        if name in given:
            raise ValueError(f"{name} is given twice")
        given[name] = value if known.get(name) is not bool else _truth(name, value)
    if (config.iterations or 0) > 0 and "checkpoint_every" in known:
        given.setdefault("checkpoint_every", _divisor(given["iterations"], MetaConfig.checkpoint_every))
    unknown = [name for name in given if name not in known]
    if unknown:
        raise ValueError(f"{unknown[0]} is no option of bin/{recipe.command}.py, which runs the rows of {recipe.name}")
    if (file := given.get("weights", "imagenet")) != "imagenet" and not Path(file).is_file():
        raise ValueError(f"weights is {file!r} among the options, and there is no such file: give one, or imagenet")
    return given


def _divisor(iterations: int, about: int) -> int:
    """The divisor nearest to `about`, in proportion."""
    divisors = [number for number in range(1, iterations + 1) if iterations % number == 0]
    return min(divisors, key=lambda number: abs(math.log(number / about)))


def _truth(name: str, word: str) -> bool:
    if word.lower() not in TRUTH:
        raise ValueError(f"{name} is {word!r} among the options; it is true or false")
    return TRUTH[word.lower()]


def listed(recipe: Recipe, data_dir: Path | None) -> str:
    """The recipe with its rows, each with what it lacks."""
    lines = [f"{recipe.name}  {recipe.title}"]
    width = max(len(row.slug) for row in recipe.rows)
    for row in recipe.rows:
        lacking = MISSING[recipe.command]({**recipe.row_options(row), "data_dir": data_dir})
        state = f"needs {lacking}" if lacking else "runs here"
        lines.append(f"    {row.slug:{width}}  {state}")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
