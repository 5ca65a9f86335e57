"""Which of TensorFlow's two sets of kernels compute on the CPU."""

import os


def choose_cpu_kernels(onednn: bool) -> None:
    """To be called before TensorFlow is imported, which reads the choice once; TF_ENABLE_ONEDNN_OPTS of the user wins.

    oneDNN's are the faster ones, but on some processors not TensorFlow's own choice. They divide every operation among
    all threads, which hinders small tasks that run side by side. RESULTS.md has the times; results are the same to
    rounding.
    """
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", str(int(onednn)))
