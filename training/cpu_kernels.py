"""Which of TensorFlow's two sets of kernels compute on the CPU."""

import os
import sys

VARIABLE = "TF_ENABLE_ONEDNN_OPTS"
_chosen_here = False


def choose_cpu_kernels(onednn: bool) -> None:
    """Sets TF_ENABLE_ONEDNN_OPTS unless the user has, or TensorFlow, which reads it once, is imported already.

    oneDNN's kernels are the faster ones, but TensorFlow leaves them off on some processors. They divide every operation
    among all threads, which slows down small tasks that run side by side. Results are the same to rounding
    (docs/results/speed.md has the times).
    """
    global _chosen_here
    if "tensorflow" not in sys.modules and VARIABLE not in os.environ:
        os.environ[VARIABLE] = str(int(onednn))
        _chosen_here = True


def gave_up_onednn() -> bool:
    """Does this process compute on a CPU without oneDNN's kernels, by `choose_cpu_kernels` and not by the user?"""
    import tensorflow as tf

    return _chosen_here and not onednn_computes() and not tf.config.list_physical_devices("GPU")


def onednn_computes() -> bool:
    """Does this process compute with oneDNN's kernels? By the environment, or TensorFlow's choice for the processor."""
    try:
        from tensorflow.python.util import _pywrap_util_port  # there is no public function
    except ImportError:
        return os.environ.get(VARIABLE) == "1"
    return _pywrap_util_port.IsMklEnabled()
