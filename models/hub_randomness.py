"""Modules that draw random numbers of their own, such as the noise of a StyleGAN or BigBiGAN's `z_sample`.

Runs here repeat exactly, so a draw without a seed is an error of TensorFlow. On loading, such draws become stateless
ones (https://www.tensorflow.org/guide/random_numbers), each with a seed of its own: the module draws the same numbers
in every call of as many latents, and so repeats. What a row gets depends on its place among these. Draws whose seeds
the module counts in a variable stay as they are, which is told.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import tensorflow as tf
from tensorflow.core.protobuf.saved_model_pb2 import SavedModel

STATELESS = {
    "RandomStandardNormal": "StatelessRandomNormal",
    "RandomUniform": "StatelessRandomUniform",
    "TruncatedNormal": "StatelessTruncatedNormal",
}

COUNTED = ("RngReadAndSkip", "RngSkip", "StatefulStandardNormalV2", "StatefulUniform", "StatefulTruncatedNormal")


@contextmanager
def without_chance(folder: str) -> Iterator[str]:
    """The folder of the module, or of one beside it whose random numbers are fixed, while it is loaded."""
    file = Path(folder) / "saved_model.pb"
    model = SavedModel()
    if not file.is_file():
        yield folder
        return
    try:
        model.ParseFromString(file.read_bytes())
    except Exception:  # what is damaged is told by the loader
        yield folder
        return
    if _counts_draws(model):
        print(f"note: {folder} may draw other random numbers in every call; then runs do not repeat", file=sys.stderr)
    if not _fix(model):
        yield folder
        return
    print(f"note: {folder} draws random numbers of its own; here they are the same in every call", file=sys.stderr)
    with TemporaryDirectory(prefix="latentshot-module-") as place:
        for part in Path(folder).absolute().iterdir():
            if part.name != file.name:
                (Path(place) / part.name).symlink_to(part)
        (Path(place) / file.name).write_bytes(model.SerializeToString())
        yield place


def _fix(model: SavedModel) -> int:
    """Changes the random nodes of all graphs and functions, and returns how many there were."""
    fixed = 0
    for meta in model.meta_graphs:  # of which one is loaded
        own = _fix_nodes(meta.graph_def.node, output="", first=0)
        for function in meta.graph_def.library.function:
            own += _fix_nodes(function.node_def, output=":output:0", first=own)
        fixed += own
    return fixed


def _counts_draws(model: SavedModel) -> bool:
    """Does a graph or function draw by a generator's state, or by a seed that it moves on, as Keras's layers do?"""
    graphs = [
        [meta.graph_def.node, *(f.node_def for f in meta.graph_def.library.function)] for meta in model.meta_graphs
    ]
    for nodes in chain(*graphs):
        ops = {node.op for node in nodes}
        if ops & set(COUNTED) or (any("StatelessRandom" in op for op in ops) and any("Assign" in op for op in ops)):
            return True
    return False


def _fix_nodes(nodes: Any, output: str, first: int) -> int:
    """output: what follows a node's name where it is an input, which in functions differs from graphs.
    first: the first node's seed."""
    drawing = [node for node in nodes if node.op in STATELESS]
    for number, node in enumerate(drawing, start=first):
        seed = nodes.add(name=f"{node.name}/fixed_seed", op="Const")
        seed.attr["dtype"].type = tf.int32.as_datatype_enum
        seed.attr["value"].tensor.CopyFrom(tf.make_tensor_proto([0, number], tf.int32))
        node.op = STATELESS[node.op]
        controls = [name for name in node.input if name.startswith("^")]
        (shape,) = (name for name in node.input if not name.startswith("^"))
        node.input[:] = [shape, f"{seed.name}{output}", *controls]
        node.attr["Tseed"].type = tf.int32.as_datatype_enum
        for name in ("seed", "seed2"):
            if name in node.attr:
                del node.attr[name]
    return len(drawing)
