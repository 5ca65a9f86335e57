"""Exports for other runtimes, through Keras's exporters; each file is run there and compared with TensorFlow."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

import numpy as np
import tensorflow as tf

from ..training.files import check_writable, copy_folder
from .classifier import ImageClassifier
from .few_shot import FewShotClassifier
from .parts import Part, parts

Format = Literal["onnx", "litert", "saved-model"]
SUFFIXES = {"onnx": ".onnx", "litert": ".tflite", "saved-model": ""}
NEEDS = {"onnx": ("tf2onnx", "onnxruntime"), "litert": ("ai_edge_litert",), "saved-model": ()}
TOLERANCE = 1e-4
N_COMPARED, N_TIMED = 3, 20

Run = Callable[[list[np.ndarray]], np.ndarray]


@dataclass(frozen=True)
class Converted:
    """A file that was written, or why it was not. difference: the largest from TensorFlow's answers.

    milliseconds: of one query, the median, here and in TensorFlow.
    """

    name: str
    file: Path | None
    problem: str = ""
    size: int = 0
    difference: float = float("nan")
    milliseconds: float = float("nan")
    tensorflow_milliseconds: float = float("nan")


def convert(
    learner: FewShotClassifier | ImageClassifier, kind: Format, folder: Path
) -> tuple[list[Converted], list[str]]:
    """Writes every part into the folder, and says what became of each, and what cannot be had elsewhere.

    Raises ValueError where a package is missing that the format takes, and for a folder that is in use or none.
    """
    missing = [package for package in NEEDS[kind] if find_spec(package) is None]
    if missing:
        raise ValueError(f"--format {kind} takes {' and '.join(missing)}: pip install 'latentshot[export]'")
    check_writable(folder)
    if folder.exists() and any(folder.iterdir()):
        raise ValueError(f"{folder} is not empty: choose another --out")
    folder.mkdir(parents=True, exist_ok=True)
    found, notes = parts(learner)
    names = learner.export.parent / "classes.json"
    if isinstance(learner, ImageClassifier) and names.exists():  # beside the export, where loading looks for them
        shutil.copy(names, folder)
    if kind == "saved-model":
        copy_folder(learner.export, folder / "saved-model")
        notes = ["the SavedModel has every function of the run: " + ", ".join(_endpoints(folder / "saved-model"))]
    return [_convert(part, kind, folder) for part in found], notes


def _convert(part: Part, kind: Format, folder: Path) -> Converted:
    """A part that fails leaves no file."""
    file = folder / f"{part.name}{SUFFIXES[kind]}"
    try:
        part.model.export(file, format={"saved-model": "tf_saved_model"}.get(kind, kind), verbose=False)
        run = RUNTIMES[kind](file)
        inputs = part.inputs(N_COMPARED)
        difference = float(np.abs(run(inputs) - _in_tensorflow(part)(inputs)).max())
        if not difference <= TOLERANCE:
            raise ValueError(f"its answers differ from TensorFlow's by {difference:.1e}, more than {TOLERANCE:.0e}")
    except BaseException as error:  # the exporters and runtimes raise many kinds of errors, and it may be interrupted
        shutil.rmtree(file) if file.is_dir() else file.unlink(missing_ok=True)
        if not isinstance(error, Exception):
            raise
        return Converted(part.name, None, (str(error).strip() or type(error).__name__).splitlines()[0])
    files = [file] if file.is_file() else [each for each in file.rglob("*") if each.is_file()]
    size = sum(each.stat().st_size for each in files)
    one = part.inputs(1)
    return Converted(
        part.name, file, "", size, difference, _milliseconds(run, one), _milliseconds(_in_tensorflow(part), one)
    )


def _in_tensorflow(part: Part) -> Run:
    compiled = tf.function(part.model, reduce_retracing=True)
    return lambda inputs: compiled([tf.constant(value) for value in inputs]).numpy()


def _in_onnxruntime(file: Path) -> Run:
    session = import_module("onnxruntime").InferenceSession(str(file), providers=["CPUExecutionProvider"])
    names = [each.name for each in session.get_inputs()]
    return lambda inputs: session.run(None, dict(zip(names, inputs, strict=True)))[0]


def _in_litert(file: Path) -> Run:
    interpreter = import_module("ai_edge_litert.interpreter").Interpreter(str(file))
    inputs_of, outputs_of = interpreter.get_input_details(), interpreter.get_output_details()
    places = sorted(inputs_of, key=lambda each: _place(each["name"]))

    def run(inputs: list[np.ndarray]) -> np.ndarray:
        for each, value in zip(places, inputs, strict=True):
            interpreter.resize_tensor_input(each["index"], value.shape)
        interpreter.allocate_tensors()
        for each, value in zip(places, inputs, strict=True):
            interpreter.set_tensor(each["index"], value)
        interpreter.invoke()
        return interpreter.get_tensor(outputs_of[0]["index"])

    return run


def _place(name: str) -> int:
    """Of an input, in the order of the model's: Keras numbers their names."""
    digits = name.split(":")[0].rpartition("_")[2]
    return int(digits) if digits.isdigit() else 0


def _in_saved_model(folder: Path) -> Run:
    loaded = tf.saved_model.load(str(folder))
    return lambda inputs: loaded.serve([tf.constant(value) for value in inputs]).numpy()


RUNTIMES: dict[str, Callable[[Path], Run]] = {
    "onnx": _in_onnxruntime,
    "litert": _in_litert,
    "saved-model": _in_saved_model,
}


def _milliseconds(run: Run, inputs: list[np.ndarray]) -> float:
    """The median of several calls, after a first."""
    run(inputs)
    times: list[Any] = []
    for _ in range(N_TIMED):
        started = time.perf_counter()
        run(inputs)
        times.append(time.perf_counter() - started)
    return 1000 * float(np.median(times))


def _endpoints(folder: Path) -> list[str]:
    known = ("adapt_and_predict", "adapt", "predict", "answer", "embed", "classify", "sample", "between", "members")
    loaded = tf.saved_model.load(str(folder))
    return [name for name in known if hasattr(loaded, name)]
