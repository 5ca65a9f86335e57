"""Which of TensorFlow's two sets of kernels compute on the CPU, and with how many threads for one operation."""

import os
import sys

KERNELS = "TF_ENABLE_ONEDNN_OPTS"
THREADS = "TF_NUM_INTRAOP_THREADS"  # 0: all
_chosen_here: dict[str, str] = {}  # of the two variables


def choose_cpu_kernels(onednn: bool, two_at_a_time: bool = False) -> None:
    """Sets what the user has not of TensorFlow's environment, unless TensorFlow, which reads it once, is imported.

    oneDNN's kernels are the faster ones, but TensorFlow leaves them off on some processors. They divide every operation
    among all threads, which slows down small tasks that run side by side. Results are the same to rounding
    (docs/results/speed.md has the times).

    two_at_a_time: an operation gets half of the threads, so that two independent ones, such as a layer's two gradients,
    compute at the same time. That is faster where operations are too small to be divided well. What stays on the CPU
    beside a GPU has half of the threads as well: whether there is a GPU, TensorFlow alone would tell.
    """
    if "tensorflow" in sys.modules:
        return
    suited = {KERNELS: str(int(onednn))}
    if two_at_a_time:
        suited[THREADS] = str(max(1, n_threads() // 2))
    _chosen_here.update({name: value for name, value in suited.items() if name not in os.environ})
    os.environ.update(_chosen_here)


def environment_for_large_operations() -> dict[str, str]:
    """What another process must have in its environment to compute large operations as fast as this machine can.

    Empty where this process can do so too: it has a GPU, or what slows it down is the user's choice.
    """
    import tensorflow as tf

    if tf.config.list_physical_devices("GPU"):
        return {}
    kernels = {KERNELS: "1"} if _chosen_here.get(KERNELS) == "0" and not onednn_computes() else {}
    threads = {THREADS: "0"} if THREADS in _chosen_here else {}
    return kernels | threads


def onednn_computes() -> bool:
    """Does this process compute with oneDNN's kernels? By the environment, or TensorFlow's choice for the processor."""
    try:
        from tensorflow.python.util import _pywrap_util_port  # there is no public function
    except ImportError:
        return os.environ.get(KERNELS) == "1"
    return _pywrap_util_port.IsMklEnabled()


def n_threads() -> int:
    """Those that this process may use, which TensorFlow takes too."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
