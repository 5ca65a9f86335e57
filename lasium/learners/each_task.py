"""A function of one task, applied to all tasks of a batch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

from ...training.cpu_kernels import n_threads, onednn_computes


def order_of_tasks() -> str:
    """The order in which `each_task` computes them, in words."""
    if onednn_computes():
        return "one after another, with oneDNN's kernels"
    return "side by side, with TensorFlow's own kernels"


def each_task(
    function: Callable[..., Sequence[tf.Tensor]], tasks: Sequence[tf.Tensor], shared: Sequence[tf.Tensor] = ()
) -> list[tf.Tensor]:
    """function(*task, *shared) for every task, traced once for all of them.

    A task's images are few: an operation on them takes longer divided among all threads than on one, so the tasks are
    computed side by side and share the threads out. oneDNN divides every operation all the same; with it the tasks
    come one after another, for two at a time would be in each other's way.
    Nothing can be differentiated through this, XLA does not know it, and it computes on the CPU.

    tasks: tensors (tasks, ...). shared: tensors that every task gets whole.
    Returns the function's outputs, each stacked to (tasks, ...).
    """
    specs = [tf.TensorSpec(tensor.shape[1:], tensor.dtype) for tensor in tasks]
    specs += [tf.TensorSpec(tensor.shape, tensor.dtype) for tensor in shared]
    traced = tf.function(function, autograph=False).get_concrete_function(*specs)
    if onednn_computes():
        return _one_after_another(traced, tasks, shared)
    return tf.raw_ops.MapDefun(
        arguments=tasks,
        captured_inputs=[*shared, *traced.captured_inputs],
        output_types=[output.dtype for output in traced.outputs],
        output_shapes=[output.shape for output in traced.outputs],
        f=traced,
        max_intra_op_parallelism=max(1, n_threads() // (tasks[0].shape[0] or 1)),
    )


def _one_after_another(traced: Any, tasks: Sequence[tf.Tensor], shared: Sequence[tf.Tensor]) -> list[tf.Tensor]:
    outputs = [tf.TensorSpec(output.shape, output.dtype) for output in traced.outputs]
    return tf.map_fn(
        lambda task: traced(*task, *shared), list(tasks), fn_output_signature=outputs, parallel_iterations=1
    )
