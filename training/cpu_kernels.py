"""Which of TensorFlow's two sets of kernels compute on the CPU."""

import os
import sys


def choose_cpu_kernels(onednn: bool) -> None:
    """Sets TF_ENABLE_ONEDNN_OPTS unless the user has, or TensorFlow, which reads it once, is imported already.

    oneDNN's are the faster ones, but on some processors not TensorFlow's own choice. They divide every operation among
    all threads, which hinders small tasks that run side by side. RESULTS.md has the times; results are the same to
    rounding.
    """
    if "tensorflow" not in sys.modules:
        os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", str(int(onednn)))


def onednn_computes() -> bool:
    """Are oneDNN's the kernels of this process? By the environment, or by what TensorFlow prefers on the processor."""
    try:
        from tensorflow.python.util import _pywrap_util_port  # nothing public tells
    except ImportError:
        return os.environ.get("TF_ENABLE_ONEDNN_OPTS") == "1"
    return _pywrap_util_port.IsMklEnabled()
