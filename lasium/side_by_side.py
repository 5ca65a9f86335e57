"""A function of one task, applied to all tasks of a batch at once."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

import tensorflow as tf


def side_by_side(
    function: Callable[..., Sequence[tf.Tensor]], tasks: Sequence[tf.Tensor], shared: Sequence[tf.Tensor] = ()
) -> list[tf.Tensor]:
    """function(*task, *shared) for every task at once, the processor's threads shared out among them.

    A task's images are few: an operation on them takes longer divided among all threads than on one, so what is divided
    is the batch. The function is traced once for all tasks. Nothing can be differentiated through this, XLA does not
    know it, and it computes on the CPU.

    tasks: tensors (tasks, ...). shared: tensors that every task gets whole.
    Returns the function's outputs, each stacked to (tasks, ...).
    """
    specs = [tf.TensorSpec(tensor.shape[1:], tensor.dtype) for tensor in tasks]
    specs += [tf.TensorSpec(tensor.shape, tensor.dtype) for tensor in shared]
    traced = tf.function(function, autograph=False).get_concrete_function(*specs)
    return tf.raw_ops.MapDefun(
        arguments=tasks,
        captured_inputs=[*shared, *traced.captured_inputs],
        output_types=[output.dtype for output in traced.outputs],
        output_shapes=[output.shape for output in traced.outputs],
        f=traced,
        max_intra_op_parallelism=max(1, (os.cpu_count() or 1) // (tasks[0].shape[0] or 1)),
    )
