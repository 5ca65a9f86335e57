"""Which of TensorFlow's two sets of kernels compute on the CPU."""

import os


def choose_cpu_kernels(onednn: bool) -> None:
    """To be called before TensorFlow is imported, which reads the choice once; TF_ENABLE_ONEDNN_OPTS of the user wins.

    oneDNN's are the faster ones for large batches, and TensorFlow's own choice only on processors of some makers
    (https://www.tensorflow.org/install/pip#cpu). They divide every operation among all threads, which hinders tasks
    that run side by side. Either way has the same results to rounding; RESULTS.md has the times.
    """
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", str(int(onednn)))
