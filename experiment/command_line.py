"""A dataclass is a command line: a field is an option, the text under it is the option's help."""

from __future__ import annotations

import argparse
import io
import itertools
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from io import StringIO
from typing import Annotated, Any, Literal, TypeVar

import tyro

from .interruption import interruptions_as_messages

Config = TypeVar("Config")

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # before TensorFlow is imported, which prints notes


def parse(config: type[Config], description: str | None, defaults: dict[str, Any] | None = None) -> Config:
    """The dataclass filled from sys.argv; --help and wrong options end the program.

    defaults: of fields, in place of the dataclass's own.
    """
    return tyro.cli(config, description=description, **_filled(config, defaults))


def check_arguments(config: type, arguments: list[str], defaults: dict[str, Any] | None = None) -> Any:
    """The configuration. Raises ValueError, of one line, for arguments that `parse` would end the program for."""
    with redirect_stderr(StringIO()) as said, redirect_stdout(StringIO()):  # by which tyro sees a terminal, or none
        try:
            return tyro.cli(config, args=arguments, **_filled(config, defaults))
        except SystemExit as error:
            lines = [line.strip(" │") for line in said.getvalue().splitlines()[1:]]  # behind a title
            parts = itertools.groupby(lines, lambda line: any(map(str.isalpha, line)))
            reason = next(part for says, part in parts if says)  # before a rule or a gap, and the help
            raise ValueError(" ".join(reason)) from error


def _filled(config: type, defaults: dict[str, Any] | None) -> dict[str, Any]:
    """The defaults as tyro takes them. What they come to is checked with the arguments, which may be what they need."""
    filled = config() if defaults else None
    for name, value in (defaults or {}).items():
        object.__setattr__(filled, name, value)
    return {"default": filled} if filled else {}


def words_given(*names: str, arguments: list[str] | None = None) -> dict[str, str | None]:
    """The word behind each of these options of one word, for defaults that depend on them; None where it is not given.

    arguments: by default the program's. What is wrong with them `parse` tells.
    """
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False, exit_on_error=False)
    for name in names:
        parser.add_argument(f"--{name.replace('_', '-')}", f"--{name}")
    try:
        return vars(parser.parse_known_args(arguments)[0])
    except argparse.ArgumentError:
        return dict.fromkeys(names)


@contextmanager
def errors_as_messages(resumes: bool = False) -> Iterator[None]:
    """Turns the errors that a user can mend into one line and exit status 1; Ctrl-C and SIGTERM into 130 and 143.

    A closed pipe, as of `| head`, ends the command with status 1 and no word
    (https://docs.python.org/3/library/signal.html#note-on-sigpipe). resumes: does the command take --resume?
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a mark that a terminal or a log has no letter for ends no run
    try:
        with interruptions_as_messages("continue with --resume" if resumes else ""):
            try:
                yield
            except SystemExit:  # as --help ends
                sys.stdout.flush()
                raise
            sys.stdout.flush()  # here, for nothing catches what Python's own at its end raises
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for what Python still flushes at its end
        sys.exit(1)
    except (ValueError, RuntimeError, FloatingPointError, OSError) as error:
        sys.exit(f"error: {error}")
    except MemoryError as error:
        sys.exit(f"error: {_of_memory(error)}")
    except Exception as error:  # TensorFlow has error classes of its own
        if "OOM when allocating" in str(error):
            sys.exit(f"error: {_of_memory(error)}")
        if "No space left on device" not in str(error):
            raise
        sys.exit(f"error: {str(error).splitlines()[0]}")


def _of_memory(error: Exception) -> str:
    reason = (str(error).splitlines() or ["nothing more is known"])[0]
    return f"there is not enough memory ({reason}): take smaller images, fewer of them, or smaller batches"


def _whole_number(word: str) -> int:
    if int(word) < 1:
        raise ValueError(f"{word}: the numbers must be 1 or more")
    return int(word)


class _Separated(tyro.constructors.PrimitiveConstructorSpec):
    def __repr__(self) -> str:  # which the command line's messages show
        return str(self.metavar)


def _separated_by_commas(kind: type, metavar: str, parse_one: Callable[[str], Any]) -> Any:
    return _Separated(
        nargs=1,
        metavar=f"{metavar}[,{metavar}...]",
        instance_from_str=lambda words: tuple(parse_one(word) for word in words[0].split(",")),
        is_instance=lambda value: isinstance(value, tuple) and all(isinstance(part, kind) for part in value),
        str_from_instance=lambda value: [",".join(map(str, value))],
    )


WholeNumbers = Annotated[tuple[int, ...], _separated_by_commas(int, "INT", _whole_number)]
Numbers = Annotated[tuple[float, ...], _separated_by_commas(float, "FLOAT", float)]
Distribute = Literal["mirrored", "multi_worker"]
Precision = Literal["float32", "mixed_bfloat16", "mixed_float16"]  # of `keras.config.set_dtype_policy`
Flag = Annotated[bool, tyro.conf.FlagCreatePairsOff]  # without its opposite, as --no-noise
Positional = tyro.conf.Positional  # an argument without a name
Words = Annotated[tuple[str, ...], _separated_by_commas(str, "NAME", str)]
