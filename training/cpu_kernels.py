"""Which of TensorFlow's two sets of kernels compute on the CPU."""

import os
import sys


def choose_cpu_kernels(onednn: bool) -> None:
    """Sets TF_ENABLE_ONEDNN_OPTS unless the user has, or TensorFlow, which reads it once, is imported already.

    oneDNN's kernels are the faster ones, but TensorFlow leaves them off on some processors. They divide every operation
    among all threads, which slows down small tasks that run side by side. Results are the same to rounding
    (docs/results/speed.md has the times).
    """
    if "tensorflow" not in sys.modules:
        os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", str(int(onednn)))


def onednn_computes() -> bool:
    """Does this process compute with oneDNN's kernels? By the environment, or TensorFlow's choice for the processor."""
    try:
        from tensorflow.python.util import _pywrap_util_port  # there is no public function
    except ImportError:
        return os.environ.get("TF_ENABLE_ONEDNN_OPTS") == "1"
    return _pywrap_util_port.IsMklEnabled()
