#!/usr/bin/env python3
"""Writes a trained learner for other runtimes: ONNX, LiteRT (TensorFlow Lite) or a SavedModel.

bin/export.py runs/my-photos-protonets-augmented-seed0 --format onnx
"""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from latentshot.experiment.command_line import Positional, errors_as_messages, parse


@dataclass(frozen=True)
class ExportConfig:
    run: Annotated[Path, Positional]
    """The run, its folder export, or of bin/train_glico.py the folder of one of its classifiers."""
    format: Literal["onnx", "litert", "saved-model"]
    """onnx and litert take the extra `export`."""
    out: Path = Path("exported")
    """Folder of the files; it must be empty."""


def main() -> None:
    with errors_as_messages():
        options = parse(ExportConfig, __doc__)
        from tabulate import tabulate

        from latentshot.estimators.conversion import convert
        from latentshot.estimators.load import load_learner

        converted, notes = convert(load_learner(options.run), options.format, options.out)
        written = [each for each in converted if each.file]
        lines = [
            {
                "part": each.name,
                "file": each.file,
                "kB": f"{each.size / 1000:,.0f}",
                "largest difference": f"{each.difference:.1e}",
                "one query": f"{each.milliseconds:.2f} ms",
                "in TensorFlow": f"{each.tensorflow_milliseconds:.2f} ms",
            }
            for each in written
        ]
        print(tabulate(lines, headers="keys", disable_numparse=True))
        for note in notes:
            print(note, file=sys.stderr)
        failed = [f"{each.name} cannot be exported: {each.problem}" for each in converted if not each.file]
        if failed:
            raise ValueError("; ".join(failed) + "; --format saved-model has all of it")


if __name__ == "__main__":
    main()
